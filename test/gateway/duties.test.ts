// Who reviews what, through the whole gateway over HTTP with a real MCP server behind it: stages and teams from a policy
// file, a seat given away over the API and the command line, and what a restart makes of it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, createClient, ProblemError, requestFor } from '@countersign/sdk';
import { until } from '../../gateway/testing/until.ts';
import { OPEN, openYard, type Yard } from './yard.ts';

const TOOL = 'test_simple_text';
const STAGED = `version: 1
rules:
${OPEN}
  - id: two-stages
    about: somebody outside the agent's team, then the head of it
    on: mcp
    where: { class: [write, destructive] }
    then: require
    approve:
      - stage: [{ by: other_team }]
      - stage: [{ by: "person:dora" }]
    valid: 1h
  - id: over-http-too
    on: access
    then: require
    approve:
      - stage: [{ by: other_team }]
      - stage: [{ by: "person:dora" }]
`;
const TEAM = `groups:
  platform: [alice, dora, erik]
`;

describe('stages, teams and seats of absent people', () => {
  let yard: Yard;
  let people: { readonly [id: string]: Client };
  before(async () => {
    yard = await openYard();
    await yard.editConfig((text) =>
      text
        .replace('  bob: { name: Bob, roles: [reviewer] }\n', (bob) =>
          [
            bob,
            ...['carol', 'dora', 'erik'].map((id) => `  ${id}: { name: ${id}, roles: [reviewer] }\n`),
          ].join(''),
        )
        .replace('{ owner: alice,', '{ owner: alice, team: platform,')
        .replace('agents:\n', `${TEAM}agents:\n`),
    );
    await yard.writePolicy(STAGED);
    await yard.restart();
    people = await signedIn();
  });
  after(() => yard.close());

  const signedIn = async () =>
    Object.fromEntries(
      await Promise.all(
        ['alice', 'bob', 'carol', 'dora', 'erik'].map(
          async (id) => [id, await yard.house.signIn(id)] as const,
        ),
      ),
    );
  const as = (id: string): Client => {
    const client = people[id];
    if (client === undefined) throw new TypeError(`${id} is not signed in`);
    return client;
  };
  const call = async (args: object) => {
    const agent = await yard.connect();
    try {
      return await agent.callTool({ name: TOOL, arguments: { ...args } });
    } finally {
      await agent.close();
    }
  };
  const held = async (args: object): Promise<string> => {
    const { _meta } = await call(args);
    const request = _meta?.['countersign/request'] as { readonly id: string } | undefined;
    assert.ok(request, 'held');
    return request.id;
  };
  const may = async (who: string, id: string) => (await as(who).requests.show(id)).eligibility;
  const approve = async (who: string, id: string) => {
    const { action_digest, rendered_digest } = await as(who).requests.show(id);
    return as(who).requests.review(id, { decision: 'approved', action_digest, rendered_digest });
  };
  const refused = async (answer: Promise<unknown>, kind: string, words: RegExp) =>
    assert.rejects(answer, (error) => {
      assert.ok(error instanceof ProblemError);
      assert.equal(error.kind, kind);
      assert.match(error.message, words);
      return true;
    });
  const ran = (): number => yard.fixture.journal.count({ method: 'tools/call', name: TOOL });

  it('asks another team first and the head of the own one then; each is told why they wait or may not', async () => {
    const id = await held({});
    assert.deepEqual(await may('alice', id), { eligible: false, why: 'owner' });
    assert.deepEqual(await may('erik', id), { eligible: false, why: 'no_seat' });
    assert.deepEqual(await may('dora', id), { eligible: false, why: 'later_stage' });
    await refused(approve('dora', id), 'not_eligible', /others come first; your stage has not begun/);
    await refused(approve('alice', id), 'not_eligible', /you own this agent/);
    assert.deepEqual((await approve('bob', id)).quorum, {
      met: false,
      filled: 1,
      needed: 2,
      stage: 2,
      stages: 2,
    });
    assert.deepEqual(await may('carol', id), { eligible: false, why: 'no_seat' });
    assert.equal((await approve('dora', id)).status, 'approved');
    assert.equal((await call({})).isError ?? false, false);
    assert.equal(ran(), 1);
  });

  it('over HTTP, an agent sees how far it is', async () => {
    const agent = createClient({ url: yard.house.gateway.url, token: yard.key });
    const question = {
      subject: { type: 'agent', id: 'coder' },
      action: { name: 'deploy' },
      resource: { type: 'service', id: 'shop' },
    };
    const denial = await agent.access.evaluate(question);
    const wanted = requestFor(question, denial);
    assert.ok(wanted, 'people can be asked');
    const opened = await agent.access.requestAccess(wanted);
    assert.deepEqual(opened.task.progress, { current_step: 0, total_steps: 2, step_name: 'review' });
    await approve('carol', opened.task.id);
    const { task } = await agent.access.task(opened.task.id);
    assert.deepEqual(task.progress, { current_step: 1, total_steps: 2, step_name: 'review' });
    await as('dora').requests.review(opened.task.id, { decision: 'denied' });
    const over = await agent.access.task(opened.task.id);
    assert.deepEqual([over.task.status, over.task.progress.current_step], ['denied', 2]);
  });

  it('a seat given away is sat in, known after a restart, and void once taken back', async () => {
    const day = 86_400_000;
    await refused(
      as('dora').delegations.give({ to: 'dora', until: Date.now() + day }),
      'not_allowed',
      /^to: that is you/,
    );
    await refused(
      as('dora').delegations.give({ to: 'erik', until: Date.now() + 15 * day }),
      'not_allowed',
      /at most 14d \(limits\.delegation_max\)/,
    );
    const given = await as('dora').delegations.give({ to: 'erik', until: Date.now() + day });
    assert.deepEqual([given.from, given.to, given.status], ['dora', 'erik', 'active']);
    const id = await held({ n: 2 });
    await yard.restart();
    people = await signedIn();
    await approve('bob', id);
    assert.deepEqual(await may('dora', id), { eligible: false, why: 'delegated' });
    assert.deepEqual(await may('erik', id), { eligible: true, for: ['dora'] });
    assert.equal((await approve('erik', id)).status, 'approved');
    await refused(as('carol').delegations.revoke(given.id), 'not_allowed', /Only whoever gave the seat/);
    await as('dora').delegations.revoke(given.id);
    assert.deepEqual((await as('bob').delegations.list({ active: true })).items, []);
    const before = ran();
    assert.notEqual(await held({ n: 2 }), id, 'asked anew');
    assert.equal(ran(), before);
    const { approval, reviews } = await as('bob').requests.show(id);
    assert.equal(approval?.status, 'revoked');
    assert.deepEqual(
      reviews.map(({ reviewer, counts, why_not }) => [reviewer, counts, why_not]),
      [
        ['bob', true, undefined],
        ['erik', false, 'no_seat'],
      ],
    );
  });

  it('A13: an operator who accepts a tool does not review what waits on it', async () => {
    await yard.editConfig((text) =>
      text.replace('owner: alice', 'owner: bob').replace('[alice, dora, erik]', '[dora, erik]'),
    );
    await until('Bob owns the agent', async () =>
      (await as('carol').agents.list()).items.some(({ owner }) => owner === 'bob'),
    );
    const id = await held({ n: 3 });
    assert.deepEqual(await may('alice', id), { eligible: true });
    const { pin } = await as('alice').tools.diff('tools', TOOL);
    await as('alice').tools.accept('tools', TOOL, { pin, class: 'write' });
    assert.deepEqual(await may('alice', id), { eligible: false, why: 'changed_rules' });
    await refused(approve('alice', id), 'not_eligible', /you changed what decides on it since it was asked/);
    assert.deepEqual(await may('carol', id), { eligible: true });
  });
});
