import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createAuthenticator } from '../../testing/authenticator.ts';
import { createSignedRig, doneKey, type KeyHouse, openKeyHouse } from '../../testing/passkeys.ts';
import { policyOf, type Rig } from '../../testing/rig.ts';
import { KEYS_PER_PERSON_MAX } from './passkeys.ts';
import { loadPinnedKeys } from './stored.ts';

let rig: Rig;
let house: KeyHouse;
let entry_key: KeyObject;
let complaints: string[];

beforeEach(async () => {
  const signed = await createSignedRig(policyOf({}));
  ({ rig, entry_key } = signed);
  house = openKeyHouse(rig);
  complaints = [];
});
afterEach(() => rig.close());

const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (_: object, message: string) => void complaints.push(message),
};
const load = async (key = entry_key): Promise<readonly string[]> =>
  [...(await loadPinnedKeys(rig.store, { entry_keys: [key], log })).values()]
    .map(({ person }) => person)
    .sort();
const write = async (sql: string): Promise<void> => {
  const step = { name: 'attack', sql, params: [], rows: 'any' as const };
  assert.ok((await rig.store.commit({ name: 'attack', steps: [step], entries: [] })).ok);
};

describe('which passkeys count when a gateway starts', () => {
  it('those enrolled and confirmed in signed entries, and not revoked', async () => {
    await house.give('bob');
    const { key } = await house.give('carol');
    await house.enrol('dan');
    assert.deepEqual(await load(), ['bob', 'carol']);
    await house.passkeys.revoke(key.id, house.person('carol'));
    assert.deepEqual(await load(), ['bob']);
    assert.deepEqual(complaints, []);
    const running = [...rig.authority.current().passkeys.values()].map(({ person }) => person);
    assert.deepEqual(running, ['bob'], 'as the gateway that was running knew');
  });

  const forgeries: readonly (readonly [name: string, sql: string])[] = [
    [
      'a pending key made active',
      "UPDATE passkeys SET status = 'active', confirmed_by = 'alice', confirmed_at = 1 WHERE person = 'dan'",
    ],
    [
      'a revoked key made active again',
      "UPDATE passkeys SET status = 'active', revoked_by = NULL, revoked_at = NULL WHERE person = 'carol'",
    ],
    ['somebody else’s key taken over', "UPDATE passkeys SET person = 'eve' WHERE person = 'bob'"],
    [
      'another public key put in',
      "UPDATE passkeys SET public_key = (SELECT public_key FROM passkeys WHERE person = 'dan') WHERE person = 'bob'",
    ],
    ['another credential put in', "UPDATE passkeys SET credential_id = 'AAAA' WHERE person = 'bob'"],
    [
      'a copy under a new name',
      "INSERT INTO passkeys (id, credential_id, person, name, algorithm, public_key, transports, backed_up, status, sign_count, enrolled_at) SELECT 'key_x', 'BBBB', 'eve', name, algorithm, public_key, transports, backed_up, 'active', 0, 1 FROM passkeys WHERE person = 'bob'",
    ],
    [
      'entries edited to say so',
      'UPDATE entries SET envelope = replace(envelope, \'"payload":"\', \'"payload":"AAAA\')',
    ],
    ['entries that are not readable', "UPDATE entries SET envelope = 'x'"],
  ];
  for (const [name, sql] of forgeries)
    it(`A13, A24: not ${name} by whoever can write the store`, async () => {
      await house.give('bob');
      const { key } = await house.give('carol');
      await house.enrol('dan');
      await house.passkeys.revoke(key.id, house.person('carol'));
      await write(sql);
      const counted = await load();
      assert.ok(
        !counted.includes('dan') && !counted.includes('carol') && !counted.includes('eve'),
        counted.join(),
      );
      assert.equal(complaints.length, 1);
    });

  it('also one that was renamed more often than anybody looks', async () => {
    const { key } = await house.give('bob');
    for (let n = 0; n < 30; n += 1) await house.passkeys.rename(key.id, house.person('bob'), `name ${n}`);
    assert.deepEqual(await load(), ['bob']);
  });

  it('none signed by another gateway’s key', async () => {
    await house.give('bob');
    assert.deepEqual(await load(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey), []);
    assert.equal(complaints.length, 1);
  });
});

describe('the life of a passkey', () => {
  const why = (outcome: Awaited<ReturnType<typeof house.passkeys.revoke>>): string =>
    outcome.kind === 'done' ? 'done' : `${outcome.why}: ${outcome.message}`;

  it('nobody confirms their own, and only operators confirm', async () => {
    const { outcome } = await house.enrol('dan');
    const { id, key_digest } = doneKey(outcome);
    assert.match(
      why(await house.passkeys.confirm(id, house.person('dan'), key_digest)),
      /^not_allowed: Nobody confirms their own/,
    );
    assert.match(
      why(await house.passkeys.confirm(id, house.person('bob'), key_digest)),
      /^not_allowed: .* role operator/,
    );
    const other = `sha256:${'0'.repeat(64)}`;
    assert.match(
      why(await house.passkeys.confirm(id, house.person('alice'), other)),
      /^invalid: The fingerprint is not/,
    );
    const epoch = rig.authority.current().epoch;
    assert.equal(why(await house.passkeys.confirm(id, house.person('alice'), key_digest)), 'done');
    assert.ok(rig.authority.current().epoch > epoch, 'I8');
    assert.match(why(await house.passkeys.confirm(id, house.person('alice'), key_digest)), /already active/);
  });

  it('one’s own is revoked at once, another’s by operators only, and never comes back', async () => {
    const { key } = await house.give('bob');
    assert.match(why(await house.passkeys.revoke(key.id, house.person('carol'))), /^not_allowed/);
    assert.equal(why(await house.passkeys.revoke(key.id, house.person('dan'))), 'done');
    assert.match(why(await house.passkeys.revoke(key.id, house.person('bob'))), /already revoked/);
    assert.match(
      why(await house.passkeys.confirm(key.id, house.person('alice'), key.key_digest)),
      /already revoked/,
    );
  });

  it('people see their own, operators and auditors everyone’s; names stay out of the log', async () => {
    const { key } = await house.give('bob');
    await house.passkeys.rename(key.id, house.person('bob'), 'Roberts Telefon');
    assert.match(why(await house.passkeys.rename(key.id, house.person('alice'), 'x')), /^not_allowed/);
    const seen = async (id: string) => (await house.passkeys.list(house.person(id))).map(({ name }) => name);
    assert.deepEqual(await seen('carol'), []);
    for (const id of ['bob', 'alice', 'eve']) assert.deepEqual(await seen(id), ['Roberts Telefon'], id);
    const entries = (await rig.entries()).map(({ payload }) =>
      Buffer.from(String(payload), 'base64').toString(),
    );
    assert.equal(entries.filter((each) => each.includes('passkey renamed')).length, 1);
    assert.equal(
      entries.some((each) => each.includes('Roberts')),
      false,
      'I7',
    );
  });

  it('the same credential is enrolled once', async () => {
    const made = createAuthenticator(rig.deps.public_url);
    assert.equal(why((await house.enrol('bob', made)).outcome), 'done');
    assert.match(why((await house.enrol('carol', made)).outcome), /^wrong_state/);
  });

  it('a person has a bounded number of them', async () => {
    for (let n = 0; n < KEYS_PER_PERSON_MAX; n += 1)
      assert.equal(why((await house.enrol('bob')).outcome), 'done');
    assert.match(why((await house.enrol('bob')).outcome), /revoke one you no longer use/);
  });

  const bad: readonly (readonly [name: string, twist: object, says: RegExp])[] = [
    ['made on another site', { origin: 'http://localhost:1' }, /origin/i],
    ['for another site’s keys', { rp_id: 'example.com' }, /RP ID/i],
    ['with nobody verified', { flags: 0x41 }, /verif/i],
    ['as an assertion', { type: 'webauthn.get' }, /type/i],
    ['for a challenge nobody gave', { challenge: 'A'.repeat(43) }, /no open question/],
  ];
  for (const [name, twist, says] of bad)
    it(`one made ${name} is not taken`, async () => {
      const { outcome } = await house.enrol('bob', undefined, twist);
      assert.match(why(outcome), /^invalid/);
      assert.match(why(outcome), says);
      assert.deepEqual(await house.passkeys.list(house.person('bob')), []);
    });
});
