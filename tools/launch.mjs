#!/usr/bin/env node
// @ts-check
// The front door of a clone: `npm start`, `npm test` and every other script come through here.
// It installs what is missing, then runs the script under the Node the lock file pins, so that any
// Node ≥ 20 with npm is enough to begin. It must run on that old Node, from a bare clone, with nothing
// installed: plain JavaScript, no dependencies, and no decision that belongs to the product.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './launch/install.mjs';
import { nodeIsOldEnough, oldNodeMessage, pinnedNode } from './launch/platform.mjs';
import { Refusal } from './launch/refusal.mjs';
import { run } from './launch/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * What each verb runs, with which arguments in front, what must be installed for it, and whether people may look at it.
 * @type {Record<string, { script: string, args?: string[], needs: 'product' | 'everything', folder?: string, console?: true }>}
 */
const verbs = {
  start: { script: 'gateway/src/cli/main.ts', args: ['demo'], needs: 'product', console: true },
  cli: { script: 'gateway/src/cli/main.ts', needs: 'product', console: true },
  test: { script: 'tools/run-tests.ts', needs: 'everything' },
  'test:console': { script: 'tools/run-tests.ts', args: ['test/console'], needs: 'everything' },
  'test:killed': {
    script: 'tools/run-tests.ts',
    args: [
      'test/faults/cards',
      'test/nodes/killed.test.ts',
      'test/slack/killed.test.ts',
      'test/teams/killed.test.ts',
      'test/webhooks/killed.test.ts',
    ],
    needs: 'everything',
  },
  town: { script: 'test/console/town/run.ts', needs: 'everything', console: true },
  pictures: { script: 'test/console/pictures/run.ts', needs: 'everything', console: true },
  check: { script: 'tools/check.ts', needs: 'everything' },
  conformance: { script: 'conformance/mcp/run.ts', needs: 'everything', folder: 'conformance' },
  'interop-log': { script: 'conformance/interop-log/run.ts', needs: 'everything' },
  servers: { script: 'conformance/servers/run.ts', needs: 'everything', folder: 'conformance' },
  clients: { script: 'conformance/clients/run.ts', needs: 'everything', folder: 'conformance' },
  bench: { script: 'bench/run.ts', needs: 'everything' },
  faults: { script: 'test/faults/run.ts', needs: 'everything' },
  'power-loss': { script: 'test/faults/power-loss/run.ts', needs: 'everything' },
  fuzz: { script: 'test/fuzz/run.ts', needs: 'everything' },
  build: { script: 'tools/build.ts', needs: 'everything' },
  'pack:try': { script: 'tools/pack.ts', needs: 'everything' },
  docs: { script: 'tools/docs.ts', needs: 'everything' },
};

/** @param {string[]} words */
async function launch([name = '', ...args]) {
  if (!nodeIsOldEnough(process.versions.node)) throw new Refusal(oldNodeMessage(process.versions.node));
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) throw new Refusal(`usage: node tools/launch.mjs <${Object.keys(verbs).join('|')}> [arguments]`);
  const node = pinnedNode(root);
  ensureInstalled({ folder: root, dev: verb.needs === 'everything' });
  if (verb.folder) ensureInstalled({ folder: join(root, verb.folder), dev: true });
  if (!existsSync(node))
    throw new Refusal(`npm installed everything but ${node}: was it run with --omit=optional?\nRun: npm ci`);
  const script = join(root, verb.script);
  if (!existsSync(script)) throw new Refusal(`npm run ${name}: ${verb.script} is not in this checkout`);
  if (verb.console) await run({ node, script: join(root, 'tools/console.ts'), args: [] });
  if (process.exitCode) return undefined;
  return run({ node, script, args: [...(verb.args ?? []), ...args] });
}

try {
  await launch(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
