/** Nobody waits for a signature nobody can give: decided when it is asked, said plainly, and otherwise next time. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { type KeyHouse, openKeyHouse } from '../../../testing/passkeys.ts';
import { CONFIG, createRig, held, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';

const asks = (by: 'anyone' | 'group:dba', count: number, over: object = {}) => ({
  then: 'require' as const,
  requirement: { ...SEAT, seats: [{ by, count, proof: 'passkey' as const }], ...over },
});
const RULES = {
  wipe: asks('anyone', 1),
  wipe_thrice: asks('anyone', 1, { uses: 3 }),
  two: asks('anyone', 2),
  tidy: asks('anyone', 1, { seats: [{ by: 'anyone', count: 1, proof: 'recent' }] }),
  urgent: asks('group:dba', 1, {
    break_glass: { by: ['person:dan'], notify: [], review: ['anyone'] },
  }),
};

let rig: Rig;
let house: KeyHouse;
beforeEach(async () => {
  rig = await createRig(policyOf(RULES));
  house = openKeyHouse(rig);
});
afterEach(() => rig.close());

const open = async (tool: string): Promise<string> => held(await rig.call(tool)).id;

describe('a rule that asks for a passkey nobody has who may review it', () => {
  const refusal = async (tool: string) => {
    const verdict = await rig.call(tool);
    return verdict.kind === 'refused' ? verdict.refusal : assert.fail(verdict.kind);
  };

  it('is refused at once, says what is missing, and is on the record so', async () => {
    const { reason, message } = await refusal('wipe');
    assert.equal(reason, 'no_eligible_reviewer');
    assert.match(message, /signed with a passkey.*enrol a passkey and have it confirmed/);
    const entries = (await rig.entries()) as readonly { readonly predicate?: JsonObject }[];
    const { outcome, lacking } = entries.at(-1)?.predicate ?? {};
    assert.deepEqual([outcome, lacking], ['no_eligible_reviewer', 'passkey']);
    assert.equal((await rig.requests.list({}, { limit: 10 })).items.length, 0);
  });

  it('a key that is not confirmed is none, the owner’s is none, and one of two is not enough', async () => {
    await house.enrol('bob');
    assert.equal((await refusal('wipe')).reason, 'no_eligible_reviewer');
    await house.give('alice'); // she owns the agent
    assert.equal((await refusal('wipe')).reason, 'no_eligible_reviewer');
    await house.give('carol');
    await open('wipe');
    assert.equal((await refusal('two')).reason, 'no_eligible_reviewer');
  });

  it('holds the next one once a key is confirmed, and refuses again once it is revoked', async () => {
    await refusal('wipe');
    const { key } = await house.give('bob');
    const request_id = await open('wipe');
    await house.passkeys.revoke(key.id, house.person('bob'));
    assert.equal((await rig.requests.show(request_id, 'bob'))?.status, 'pending', 'it was asked already');
    assert.equal((await refusal('wipe_thrice')).reason, 'no_eligible_reviewer');
  });

  it('where there is nobody at all it says that', async () => {
    await rig.change({ config: { ...CONFIG, people: {} } });
    assert.match((await refusal('wipe')).message, /nobody who may review it exists/);
  });

  it('is held for whoever may break the glass, if they have one', async () => {
    await refusal('urgent');
    await house.give('dan');
    await open('urgent');
  });

  it('asks nobody for one where none is asked', async () => void (await open('tidy')));
});
