// Breaking the glass through a whole gateway with a real MCP server behind it: signed over HTTP as a browser would, run by the
// agent, seen and judged from the command line, and verified offline from the log alone.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Client, createClient, type LiveEvent, ProblemError } from '@countersign/sdk';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { createAuthenticator } from '../../gateway/testing/authenticator.ts';
import { until } from '../../gateway/testing/until.ts';
import { type CliHouse, openCliHouse } from './house.ts';

const AT_MOST = { timeout: 60_000 };
const WHY = 'the payment queue is stuck, and nobody of the board answers';
const RULES = `version: 1
rules:
  - { id: sessions, about: connecting is free, on: mcp, where: { class: session }, then: allow }
  - id: writes-ask
    about: writing takes two, or somebody on call in an emergency
    on: mcp
    where: { class: [write, destructive] }
    then: require
    approve: [{ by: anyone, count: 2 }]
    break_glass: { by: "person:bob", notify: "person:carol" }
`;

let house: CliHouse;
let bob: Client;
let carol: Client;
let authenticator: ReturnType<typeof createAuthenticator>;
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

before(async () => {
  house = await openCliHouse('alice', 'bob', 'carol');
  await writeFile(path.join(house.data, '..', 'policy', 'policy.yaml'), RULES);
  const client = async (person: string): Promise<Client> => {
    const code = await house.gateway.sessions.issueCode(person);
    const { token = '' } = await createClient({ url: house.url }).signIn({ code, kind: 'cli' });
    return createClient({ url: house.url, token });
  };
  [bob, carol] = [await client('bob'), await client('carol')];
  await until('the policy names who may', async () => {
    const id = await house.ask('probe.txt', String(Math.random()));
    return (await bob.requests.show(id)).break_glass?.offered === true;
  });
  authenticator = createAuthenticator(house.url);
  const made = authenticator.create(await bob.passkeys.askEnrol());
  const key = await bob.passkeys.enrol({ name: 'key', ...made });
  const alice = await client('alice');
  await alice.passkeys.confirm(key.id, key.key_digest);
}, AT_MOST);
after(() => house.close(), AT_MOST);

const smash = async (client: Client, id: string, reason = WHY) => {
  const { action_digest, rendered_digest } = await client.requests.show(id);
  const answer = { reason, action_digest, rendered_digest };
  const asked = await client.requests.askSignature(id, { decision: 'break-glass', ...answer });
  return client.breakGlass.break(id, { ...answer, signature: authenticator.get(asked) });
};
const kindOf = (kind: string) => (error: unknown) => {
  assert.ok(error instanceof ProblemError, String(error));
  assert.match(error.type, new RegExp(`:${kind}$`));
  return true;
};

describe('break-glass, whole', AT_MOST, () => {
  let request: string;
  let glass: string;

  it('is offered to whoever is named, and says to others why not', async () => {
    request = await house.ask('a.txt', 'one');
    assert.deepEqual((await bob.requests.show(request)).break_glass, { offered: true, eligible: true });
    assert.equal((await carol.requests.show(request)).break_glass?.why_not, 'not_named');
    assert.match(
      flat((await house.run('carol', 'requests', 'show', request)).out),
      /In an emergency person:bob may break the glass, with a passkey, in a browser/,
    );
    await assert.rejects(smash(carol, request), kindOf('not_eligible'));
    await assert.rejects(smash(bob, request, 'asap'), kindOf('invalid_request'));
  });

  it('is broken, tells open consoles, and runs once when the agent asks again', async () => {
    const over = new AbortController();
    const heard: LiveEvent[] = [];
    const listening = (async () => {
      for await (const event of carol.requests.watch({ signal: over.signal })) heard.push(event);
    })();
    await until('carol listens', () => heard.some(({ kind }) => kind === 'look_again'));
    const broken = await smash(bob, request);
    glass = broken.id;
    assert.deepEqual(
      [broken.status, broken.broken_by, broken.reason, broken.approval.status],
      ['open', 'bob', WHY, 'active'],
    );
    await until('carol hears', () => heard.some(({ kind }) => kind === 'break_glass'));
    over.abort();
    await listening;
    const [notice] = heard.flatMap((event) => (event.kind === 'break_glass' ? [event.notice] : []));
    assert.deepEqual(
      [notice?.what, notice?.by, notice?.id, notice?.request_id],
      ['broken', 'bob', glass, request],
    );
    await assert.rejects(smash(bob, request), kindOf('already_resolved'));

    const call = { name: 'write_file', arguments: { path: house.shared('a.txt'), content: 'one' } };
    assert.equal((await house.agent.callTool(call)).isError ?? false, false);
    const { executions } = await bob.requests.show(request);
    assert.deepEqual(
      executions.map(({ status, broken_glass }) => [status, broken_glass]),
      [['succeeded', glass]],
    );
  });

  it('is marked wherever it shows', async () => {
    const shown = flat((await house.run('carol', 'requests', 'show', request)).out);
    assert.match(
      shown,
      new RegExp(`GLASS BROKEN by bob .*without the others; nobody has judged it yet \\(${glass}\\)`),
    );
    assert.match(shown, new RegExp(`by breaking the glass \\(${glass}\\).*through broken glass`));
    const listed = (await house.run('carol', 'requests', 'list', '--status', 'approved')).out;
    assert.match(listed, /GLASS BROKEN just now/);
    assert.match((await house.run('carol', 'approvals', 'list', '--all')).out, /used, GLASS BROKEN just now/);
    const log = (await house.run('carol', 'log', 'list', '--request', request)).out;
    assert.match(log, /break-glass +broken, glass broken +bob/);
    for (const words of ['resolution +approved', 'execution +started', 'execution +succeeded'])
      assert.match(log, new RegExp(`${words}, glass broken`));
    const metrics = await fetch(`${house.url}/metrics`).then((answer) => answer.text());
    assert.match(metrics, /countersign_break_glass_total\{change="broken"\} 1/);
    await until('it is counted', async () =>
      /countersign_break_glass_open 1/.test(
        await fetch(`${house.url}/metrics`).then((answer) => answer.text()),
      ),
    );
  });

  it('is acknowledged and judged from the command line, never by whoever broke it', async () => {
    assert.match(
      (await house.run('carol', 'break-glass', 'list', '--mine')).out,
      new RegExp(`${glass} +bob`),
    );
    assert.match(flat((await house.run('bob', 'break-glass', 'acknowledge', glass)).err), /not told to you/);
    assert.equal((await house.run('carol', 'break-glass', 'acknowledge', glass)).code, EXIT.ok);
    assert.match(
      (await house.run('carol', 'break-glass', 'list', '--mine')).out,
      /Nothing you have yet to acknowledge/,
    );
    const shown = flat((await house.run('carol', 'break-glass', 'show', glass)).out);
    for (const words of [
      /GLASS BROKEN · review: open/,
      /the payment queue is stuck/,
      /succeeded/,
      /Told Alice Adams · not acknowledged/,
      /Told Carol Clark · knows, said so just now/,
      /until any other reviewer closes it\. You may\./,
    ])
      assert.match(shown, words);

    const close = (person: string, ...more: string[]) =>
      house.run(person, 'break-glass', 'close', glass, ...more);
    assert.equal((await close('carol', '--reason', 'fine')).code, EXIT.usage);
    assert.match(
      (await close('carol', '--verdict', 'justifed', '--reason', 'fine')).err,
      /did you mean justified/,
    );
    assert.match(
      flat((await close('bob', '--verdict', 'justified', '--reason', 'fine')).err),
      /you broke the glass/,
    );
    assert.match(
      flat((await close('alice', '--verdict', 'justified', '--reason', 'fine')).err),
      /you own this agent/,
    );
    assert.equal(
      (await close('carol', '--verdict', 'not_justified', '--reason', 'they did answer')).code,
      EXIT.ok,
    );
    assert.equal((await close('carol', '--verdict', 'justified', '--reason', 'no, wait')).code, EXIT.refused);
    assert.match((await house.run('carol', 'break-glass', 'list')).out, /No broken glass waits/);
    const json = await house.json<{ readonly items: readonly { readonly status: string }[] }>(
      'carol',
      'break-glass',
      'list',
      '--all',
    );
    assert.deepEqual(
      json.items.map(({ status }) => status),
      ['closed'],
    );
    assert.match(flat((await house.run('carol', 'requests', 'show', request)).out), /judged not justified/);
  });

  it('verifies offline: the signature, the whole story, and who judged it', async () => {
    const mine = await house.run('bob', 'reviews', 'verify', '--request', request);
    assert.equal(mine.code, EXIT.ok, mine.out + mine.err);
    assert.match(mine.out, /1 review is signed/);
    await house.gateway.flushLog();
    const log = [path.join(house.data, 'log'), '--key', house.gateway.vkey];
    const whole = await house.run('nobody', 'log', 'verify', ...log);
    assert.equal(whole.code, EXIT.ok, whole.out);
    assert.match(flat(whole.out), /Glass was broken once: .*0 of them nobody has judged yet/);
    assert.match(
      flat(whole.out),
      new RegExp(`Glass broken \\(1\\): ! entry \\d+: ${request} by bob, .*; not_justified says carol`),
    );
    const file = path.join(house.shared('.'), '..', 'glass.jsonl');
    assert.equal((await house.run('carol', 'log', 'export', '--out', file)).code, EXIT.ok);
    assert.equal((await house.run('nobody', 'reviews', 'verify', file)).code, EXIT.ok);
  });

  it('there is no other way in: not without a body, a session, or an id', async () => {
    const ask = (at: string, init?: RequestInit) =>
      fetch(`${house.url}${at}`, init).then(({ status }) => status);
    assert.equal(await ask(`/api/requests/${request}/break-glass`, { method: 'POST' }), 401);
    assert.equal(await ask('/api/break-glass'), 401);
    assert.equal(
      await ask(`/api/requests/${request}/break-glass`),
      405,
      'A16: a link opened changes nothing',
    );
    await assert.rejects(bob.breakGlass.show('brk_01JD0000000000000000000000'), kindOf('not_found'));
    await assert.rejects(
      bob.breakGlass.close('brk_x', { verdict: 'justified', note: 'x' }),
      kindOf('invalid_request'),
    );
  });
});
