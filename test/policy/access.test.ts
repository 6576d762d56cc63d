// A draft tried on what callers asked that enforce by themselves, and on changes of the gateway's own.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type EvaluationInput, requestFor } from '@countersign/sdk';
import { type ApiHouse, openApiHouse } from '../api/house.ts';
import { ASKS } from '../gateway/yard.ts';
import { type Operated, openOperated } from '../operators/house.ts';

const question = (name: string, id: string): EvaluationInput => ({
  subject: { type: 'agent', id: 'deployer' },
  action: { name },
  resource: { type: 'service', id },
  context: { region: 'eu-1' },
});

describe('a draft, on questions of callers that enforce by themselves', () => {
  let house: ApiHouse;
  before(async () => {
    house = await openApiHouse();
    const { access } = house.agent;
    await access.evaluate(question('read', 'a'));
    await access.evaluate(question('drop', 'a'));
    const write = question('write', 'billing');
    const input = requestFor(write, await access.evaluate(write));
    assert.ok(input);
    await access.requestAccess(input);
  });
  after(() => house.close());

  const simulate = async (edit: (text: string) => string) => {
    const carol = await house.person('carol');
    const { files } = await carol.policy.files();
    return carol.policy.simulate({ files: files.map(({ path, text }) => ({ path, text: edit(text) })) });
  };

  it('is decided from what was asked, context and all', async () => {
    const same = await simulate((text) => text);
    assert.deepEqual(same.changes, []);
    assert.deepEqual(
      same.not_replayed.map(({ why, count }) => [why, count]),
      [['not_kept', 1]],
      'the question before the request is asked about again by the request',
    );
    const elsewhere = await simulate((text) =>
      text.replace(`access.action == "write"`, `access.action == "write" && access.context.region != "eu-1"`),
    );
    assert.deepEqual(
      elsewhere.changes.map(({ resource, from, to }) => [resource, from.effect, to.effect]),
      [['billing', 'require', 'deny']],
    );
  });

  it('is not told where the context of what was refused would matter', async () => {
    const perhaps = await simulate(
      (text) =>
        `${text}  - { id: drops, on: access, when: 'access.action == "drop" && access.context.region == "eu-1"', then: allow }\n`,
    );
    assert.ok(perhaps.not_replayed.some(({ why, count }) => why === 'not_kept' && count === 2));
    const plain = await simulate(
      (text) => `${text}  - { id: drops, on: access, when: access.action == "drop", then: allow }\n`,
    );
    assert.deepEqual(
      plain.changes.map(({ from, to }) => [from.effect, to.effect]),
      [['deny', 'allow']],
    );
  });
});

describe('a draft, on changes of the gateway’s own', () => {
  let house: Operated;
  before(async () => {
    house = await openOperated();
    await house.yard.writePolicy(ASKS.replace('reading is free', 'reads are free'));
    await house.onlyPending();
  });
  after(() => house.yard.close());

  it('keeps the floor no rule can lower', async () => {
    const alice = await house.as('alice');
    const rule = (then: string) => `${ASKS}  - { id: changes, on: countersign, ${then} }\n`;
    const tried = (text: string) => alice.policy.simulate({ files: [{ path: 'policy.yaml', text }] });
    const allows = await tried(rule('then: allow'));
    assert.deepEqual(
      allows.changes.filter(({ upstream }) => upstream === 'countersign'),
      [],
    );
    const denies = await tried(rule('then: deny'));
    assert.deepEqual(
      denies.changes.filter(({ upstream }) => upstream === 'countersign').map(({ to }) => to.effect),
      ['deny'],
    );
  });
});
