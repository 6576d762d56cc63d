/**
 * `countersign demo`: a gateway in a temporary store, a real MCP server behind it, a scripted agent in front, and you as
 * the reviewer. `--yes` answers through the API as a script would, checks what happened, and exits non-zero unless all
 * of it holds; the gateway itself has no auto-approve.
 */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@countersign/sdk';
import { readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { askForDecision } from '../requests/decide.ts';
import { stopSignal } from '../serve.ts';
import { claudeCommand, clientJson } from '../setup/clients.ts';
import { freePort } from '../setup/free-port.ts';
import { type House, openHouse, quietLog } from '../setup/house.ts';
import { acceptTools, listTools } from '../setup/tools.ts';
import { COMMAND, EXIT, type Io, type Verb } from '../verb.ts';
import { startAgent } from './agent.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { createSay, findRequest, type Say, tellEvidence, tellReads } from './story.ts';
import { AFTER, BEFORE, makeWorld, OWNER, REVIEWER, UPSTREAM, type World } from './world.ts';

export const verb: Verb = {
  about: 'See it work: a real MCP server, a scripted agent, you the reviewer',
  usage: `countersign demo [--yes] [--port N]

  --yes      a scripted reviewer answers over the API; checks everything, then exits
  --port N   where to listen (default 7070, or a free port if that is taken)`,
  run: demo,
};

const SAFE = new Set([
  'read_text_file',
  'read_file',
  'list_directory',
  'list_allowed_directories',
  'get_file_info',
  'directory_tree',
  'search_files',
]);

async function demo(args: readonly string[], io: Io): Promise<number> {
  const { yes, port } = options(args);
  const world = await makeWorld(await freePort(port));
  const say = createSay(io);
  const house = await openHouse(
    world.config_file,
    quietLog((line) => io.stderr.write(`${line}\n`)),
    io.env,
  );
  try {
    const told = await tell({ say, house, world, yes, io });
    if (yes) return verdict(say, told);
    await keepServing({ say, house, world });
    return EXIT.ok;
  } finally {
    await house.gateway.close();
    await rm(world.dir, { recursive: true, force: true });
  }
}

function options(args: readonly string[]): { readonly yes: boolean; readonly port: number } {
  const { values } = readArguments(args, {
    options: { yes: { type: 'boolean' }, port: { type: 'string' } },
  });
  return { yes: values.yes === true, port: wholeNumber('port', values.port, 65_535) ?? 7070 };
}

type Telling = {
  readonly say: Say;
  readonly house: House;
  readonly world: World;
  readonly yes: boolean;
  readonly io: Io;
};
type Told = { readonly checks: readonly (readonly [what: string, holds: boolean])[] };

async function tell({ say, house, world, yes, io }: Telling): Promise<Told> {
  const { url, vkey } = house.gateway;
  const operator = await house.signIn(OWNER);
  await acceptTools(operator, await listTools(operator, { url, upstream: UPSTREAM, key: world.key }), SAFE);
  const reviewer = await house.signIn(REVIEWER);
  const agent = await startAgent(world, url);
  say.line(
    'Countersign, in a temporary folder. Gateway, MCP server, store and log are real; the agent is a script.',
  );
  const { allowed, denied } = await tellReads(say, agent);

  say.step(3, 'The agent overwrites config/app.json');
  const running = agent.overwriteConfig();
  const request_id = await Promise.race([
    findRequest(reviewer),
    running.then(() => Promise.reject(new Error('the write was not held'))),
  ]);
  say.mark('held', 'by rule writes-ask: a person has to look.');
  const untouched = (await config(world)) === BEFORE;
  const refusedOwner = yes && (await ownerIsRefused(operator, request_id));
  if (yes) await approveOverApi(reviewer, request_id);
  else await askForDecision(reviewer, request_id, io);
  const ran = await running;
  const approved = (await reviewer.requests.show(request_id)).status === 'approved';
  if (approved) say.mark('ran', `once, with the gateway’s own hands: ${ran.text}`);
  else say.mark('denied', `nothing ran. The agent was told: ${ran.text}`);
  const changed = (await config(world)) === AFTER;

  const evidence = await gatherEvidence({ client: reviewer, url, vkey, request_id });
  tellEvidence(say, evidence);
  await agent.close();
  return {
    checks: checksOf({
      allowed: !allowed.is_error,
      denied: denied.is_error,
      untouched,
      refusedOwner,
      changed,
      evidence,
    }),
  };
}

const config = (world: World): Promise<string> => readFile(path.join(world.files, 'config/app.json'), 'utf8');

/** Nobody approves their own agent: not even its owner, who is an operator here. */
async function ownerIsRefused(owner: Client, request_id: string): Promise<boolean> {
  const { eligibility, action_digest, rendered_digest } = await owner.requests.show(request_id);
  if (eligibility.eligible) return false;
  return owner.requests.review(request_id, { decision: 'approved', action_digest, rendered_digest }).then(
    () => false,
    () => true,
  );
}

/** A scripted reviewer: looks, then answers about exactly what it was shown. */
async function approveOverApi(reviewer: Client, request_id: string): Promise<void> {
  const { action_digest, rendered_digest } = await reviewer.requests.show(request_id);
  await reviewer.requests.review(request_id, {
    decision: 'approved',
    reason: 'scripted demo',
    action_digest,
    rendered_digest,
  });
}

type Seen = {
  readonly allowed: boolean;
  readonly denied: boolean;
  readonly untouched: boolean;
  readonly refusedOwner: boolean;
  readonly changed: boolean;
  readonly evidence: Evidence;
};

const checksOf = ({ allowed, denied, untouched, refusedOwner, changed, evidence }: Seen): Told['checks'] => [
  ['the harmless read was allowed', allowed],
  ['the secret read was denied', denied],
  ['nothing was written while the action was held', untouched],
  ['the owner of the agent could not approve it', refusedOwner],
  ['the approved write happened', changed],
  ['it ran exactly once', evidence.runs === 1],
  ['the log verifies', evidence.report.ok],
  ['the receipt verifies', !('failed' in evidence.receipt)],
];

function verdict(say: Say, { checks }: Told): number {
  say.line();
  for (const [what, holds] of checks) say.mark(holds ? 'proven' : 'broken', what);
  return checks.every(([, holds]) => holds) ? EXIT.ok : EXIT.no;
}

async function keepServing({ say, house, world }: Pick<Telling, 'say' | 'house' | 'world'>): Promise<void> {
  const setup = { url: world.public_url, upstream: UPSTREAM, key: world.key };
  const link = await house.gateway.links.write(REVIEWER, OWNER);
  say.line();
  say.line('The gateway keeps running. Put your own agent behind it:');
  say.line(`  ${claudeCommand(setup)}`);
  say.line('or, in any MCP client’s configuration:');
  say.line(clientJson(setup));
  say.line('and review what it asks, in another terminal:');
  say.line(`  ${COMMAND} login --link-file ${link?.path ?? ''}`);
  say.line(`  ${COMMAND} requests watch`);
  say.line('Ctrl-C ends it and removes everything.');
  await stopSignal();
}
