// Passkeys from the command line: what it lists, confirms and revokes, what it cannot sign, and what it verifies.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Client, createClient, type Passkey } from '@countersign/sdk';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { createAuthenticator } from '../../gateway/testing/authenticator.ts';
import { until } from '../../gateway/testing/until.ts';
import { type CliHouse, openCliHouse } from './house.ts';

const AT_MOST = { timeout: 60_000 };
const RULES = `version: 1
rules:
  - { id: sessions, about: connecting is free, on: mcp, where: { class: session }, then: allow }
  - { id: signed, about: writing takes a signature, on: mcp, where: { class: [write, destructive] }, then: require, approve: [{ by: anyone, proof: passkey }] }
`;

let house: CliHouse;
/** Bob, in something that has an authenticator. */
let bob: Client;
let authenticator: ReturnType<typeof createAuthenticator>;
let key: Passkey;

before(async () => {
  house = await openCliHouse('alice', 'bob');
  await writeFile(path.join(house.data, '..', 'policy', 'policy.yaml'), RULES);
  const code = await house.gateway.sessions.issueCode('bob');
  const { token = '' } = await createClient({ url: house.url }).signIn({ code, kind: 'cli' });
  bob = createClient({ url: house.url, token });
  await until('the policy asks for passkeys', async () =>
    (await bob.policy.show()).rules.some(({ id }) => id === 'signed'),
  );
  authenticator = createAuthenticator(house.url);
  const made = authenticator.create(await bob.passkeys.askEnrol());
  key = await bob.passkeys.enrol({ name: 'Bob’s \u202ekey', ...made });
}, AT_MOST);
after(() => house.close(), AT_MOST);

const shownFingerprint = (): string => (key.key_digest.slice(7, 39).match(/.{4}/g) ?? []).join(' ');

describe('passkeys', AT_MOST, () => {
  it('lists them, names made visible; one’s own only, but for operators', async () => {
    const { code, out } = await house.run('alice', 'passkeys', 'list');
    assert.equal(code, EXIT.ok);
    assert.match(out, new RegExp(`${key.id} +bob .*pending +${shownFingerprint()}`));
    assert.ok(!out.includes('\u202e'), 'A3');
  });

  it('confirms only what the owner reads out, and never one’s own', async () => {
    const wrong = await house.run('alice', 'passkeys', 'confirm', key.id, '0000 '.repeat(8));
    assert.deepEqual([wrong.code, /not this key’s/.test(wrong.err)], [EXIT.no, true]);
    const short = await house.run('alice', 'passkeys', 'confirm', key.id, shownFingerprint().slice(0, 9));
    assert.equal(short.code, EXIT.usage);
    const own = await house.run('bob', 'passkeys', 'confirm', key.id, shownFingerprint());
    assert.equal(own.code, EXIT.refused);
    assert.match(own.err, /Nobody confirms their own/);
    const { code, out } = await house.run(
      'alice',
      'passkeys',
      'confirm',
      key.id,
      shownFingerprint().toUpperCase(),
    );
    assert.deepEqual([code, out], [EXIT.ok, 'Done. It counts.\n']);
  });

  it('cannot sign, and says where to', async () => {
    const request = await house.ask('a.txt', 'one');
    const { code, err } = await house.run('bob', 'requests', 'deny', request, '--reason', 'no');
    assert.equal(code, EXIT.refused);
    assert.match(err.replaceAll(/\s+/g, ' '), new RegExp(`passkey.*/requests/${request}`));
  });

  it('verifies what was signed, of one request and offline of an export', async () => {
    const request = await house.ask('b.txt', 'two');
    const { action_digest, rendered_digest } = await bob.requests.show(request);
    const answer = { decision: 'approved', reason: 'read it', action_digest, rendered_digest } as const;
    const signature = authenticator.get(await bob.requests.askSignature(request, answer));
    assert.equal((await bob.requests.review(request, { ...answer, signature })).status, 'approved');
    const mine = await house.run('bob', 'reviews', 'verify', '--request', request);
    assert.equal(mine.code, EXIT.ok, mine.err);
    assert.match(
      mine.out,
      new RegExp(`1 review is signed.*\n\nBy these keys:\n {2}bob ${key.key_digest}, confirmed by alice`),
    );
    const other = ['--reviewer-key', `bob=sha256:${'0'.repeat(64)}`];
    assert.equal((await house.run('bob', 'reviews', 'verify', '--request', request, ...other)).code, EXIT.no);

    await house.gateway.flushLog();
    const log = [path.join(house.data, 'log'), '--key', house.gateway.vkey];
    const whole = await house.run(
      'alice',
      'log',
      'verify',
      ...log,
      '--reviewer-key',
      `bob=${key.key_digest}`,
    );
    assert.equal(whole.code, EXIT.ok, whole.out);
    // Whose the key is was known: it is established, and without that it is said not to be.
    const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');
    assert.match(flat(whole.out), /1 review signed with a passkey.*which you know to be theirs\./);
    assert.doesNotMatch(flat(whole.out), /Whose the passkeys are/);
    const trusting = await house.run('alice', 'log', 'verify', ...log);
    assert.match(flat(trusting.out), /nobody had revoked\. .*Whose the passkeys are/);
    const doubted = await house.run('alice', 'log', 'verify', ...log, ...other);
    assert.equal(doubted.code, EXIT.no);
    assert.match(doubted.out, /bad-review-signature/);
  });

  it('names and revokes', async () => {
    const named = await house.run('bob', 'passkeys', 'rename', key.id, 'Laptop', '--json');
    assert.equal(JSON.parse(named.out).name, 'Laptop');
    assert.equal((await house.run('alice', 'passkeys', 'revoke', key.id)).code, EXIT.ok);
    assert.equal((await house.run('bob', 'passkeys', 'revoke', key.id)).code, EXIT.refused);
  });
});
