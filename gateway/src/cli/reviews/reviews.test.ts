import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { kindOf } from '@countersign/core';
import { createAuthenticator } from '../../../testing/authenticator.ts';
import { createSignedRig, openKeyHouse } from '../../../testing/passkeys.ts';
import { held, policyOf, SEAT } from '../../../testing/rig.ts';
import { createTerminal } from '../../../testing/terminal.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { EXIT } from '../verb.ts';

const run = promisify(execFile);
const root = new URL('../../../../', import.meta.url);
const RULE = { ...SEAT, seats: [{ by: 'anyone' as const, count: 1, proof: 'passkey' as const }] };
const docs = readFileSync(new URL('docs/passkeys.md', root), 'utf8');

let dir: string;
let digest: string;
before(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'countersign-reviews-'));
  symlinkSync(new URL('node_modules', root), path.join(dir, 'node_modules'));
  const rules = Object.fromEntries(
    ['one', 'two', 'three'].map((tool) => [tool, { then: 'require', requirement: RULE }] as const),
  );
  const { rig, statements } = await createSignedRig(policyOf(rules, '2b'.repeat(32)));
  const house = openKeyHouse(rig);
  const { authenticator, key } = await house.give('bob');
  digest = key.key_digest;
  const reason = 'müde, aber gelesen 👀';
  for (const [tool, decision] of [
    ['one', 'approved'],
    ['two', 'denied'],
  ] as const) {
    const request_id = held(await rig.call(tool)).id;
    await house.sign({ request_id, reviewer: 'bob', authenticator }, { ask: { decision, reason } });
  }
  const lines = async (): Promise<readonly string[]> =>
    (await statements()).map((statement, leaf_index) =>
      JSON.stringify({ kind: kindOf(statement), leaf_index, statement }),
    );
  writeFileSync(path.join(dir, 'log.jsonl'), `${(await lines()).join('\n')}\n`);
  const dans = await house.give('dan', createAuthenticator(rig.deps.public_url, 'EdDSA'));
  const request_id = held(await rig.call('three')).id;
  await house.sign({ request_id, reviewer: 'dan', authenticator: dans.authenticator });
  const all = await lines();
  writeFileSync(path.join(dir, 'more.jsonl'), `${all.join('\n')}\n`);
  // One letter of one signed document, in an entry somebody wrote anew.
  const forged = all.map((line) =>
    line
      .replace('"decision":"denied","exp"', '"decision":"approved","exp"')
      .replace('"decision":"denied","evaluation_id"', '"decision":"approved","evaluation_id"'),
  );
  assert.notDeepEqual(forged, all);
  writeFileSync(path.join(dir, 'forged.jsonl'), `${forged.join('\n')}\n`);
  await rig.close();
});
after(() => rmSync(dir, { recursive: true, force: true }));

describe('reviews verify', () => {
  const verify = async (...args: readonly string[]) => {
    const terminal = createTerminal({ tty: false, cwd: dir });
    const code = await dispatch(['reviews', 'verify', ...args], terminal.io);
    return { code, said: terminal.text, errors: terminal.errors };
  };

  it('checks every signature of an export, and says by which keys', async () => {
    const { code, said } = await verify('more.jsonl');
    assert.equal(code, 0);
    assert.match(said, /^3 reviews are signed, and every signature holds\./);
    assert.match(said, new RegExp(`bob ${digest}, confirmed by alice`));
  });

  it('refuses an edited one, and a key that is not the one you know', async () => {
    assert.match(
      (await verify('forged.jsonl')).said,
      /2 reviews are signed.*but:\n {2}✗ entry \d+: .*signs something else/,
    );
    assert.equal((await verify('forged.jsonl')).code, 1);
    assert.equal((await verify('log.jsonl', '--reviewer-key', `bob=${digest}`)).code, 0);
    const other = await verify('log.jsonl', '--reviewer-key', `bob=sha256:${'0'.repeat(64)}`);
    assert.deepEqual([other.code, /none of those you know as bob’s/.test(other.said)], [1, true]);
  });

  it('an export without a signed review proves nothing', async () => {
    writeFileSync(path.join(dir, 'empty.jsonl'), '');
    const { code, said } = await verify('empty.jsonl');
    assert.deepEqual([code, said], [1, 'No signed review in it.\n']);
  });

  for (const [args, says] of [
    [[], /give either FILE, an export of the log, or --request ID/],
    [['log.jsonl', '--request', 'req_x'], /give either FILE/],
    [['log.jsonl', '--reviewer-key', 'bob'], /--reviewer-key bob: give it as PERSON=sha256:/],
  ] as const)
    it(`says what is missing: ${args.join(' ') || 'nothing given'}`, async () => {
      const { code, errors } = await verify(...args);
      assert.equal(code, EXIT.usage);
      assert.match(errors, says);
    });
});

/** The script as the documentation prints it. */
function printed(language: string): string {
  const [, code] = new RegExp(`\`\`\`${language}\n([\\s\\S]+?)\n\`\`\``).exec(docs) ?? [];
  assert.ok(code !== undefined, language);
  return code;
}

describe('with code not written here, as docs/passkeys.md prints it', () => {
  const HOLDS = /^holds req_\w+ approved bob\nholds req_\w+ denied bob\n$/;

  it('@simplewebauthn/server verifies what the log holds', async () => {
    const script = path.join(dir, 'verify.mjs');
    writeFileSync(script, printed('js'));
    assert.match((await run(process.execPath, [script, path.join(dir, 'log.jsonl')])).stdout, HOLDS);
    await assert.rejects(
      run(process.execPath, [script, path.join(dir, 'forged.jsonl')]),
      /Unexpected authentication response challenge/,
    );
  });

  it('Python and OpenSSL verify what the log holds', async (test) => {
    const tools = await Promise.all([run('python3', ['--version']), run('openssl', ['version'])]).catch(
      () => undefined,
    );
    if (tools === undefined) return test.skip('there is no python3 or no openssl here');
    const script = path.join(dir, 'verify.py');
    writeFileSync(script, printed('python'));
    const said = async (file: string): Promise<string> =>
      (await run('python3', [script, path.join(dir, file)])).stdout;
    assert.match(await said('log.jsonl'), HOLDS);
    assert.match(await said('more.jsonl'), /holds req_\w+ approved dan\n$/);
    assert.match(await said('forged.jsonl'), /\nDOES NOT HOLD req_\w+ approved bob\n/);
  });
});
