import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createClient, type LiveEvent } from '@countersign/sdk';
import { GLASS_ID } from '../testing/break-glass.ts';
import { REQUEST_ID } from '../testing/requests.ts';
import { createRig, PUBLIC_URL, type Rig } from '../testing/rig.ts';

const limits = {
  connections_max: 3,
  per_person_max: 2,
  queue_max: 8,
  history_max: 4,
  keepalive_ms: 20,
  people_ms: 5,
};
let rig: Rig;
let stop: AbortController;
beforeEach(async () => {
  rig = await createRig({ events: limits });
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rig.close();
});

const change = (at: number) => ({ request_id: REQUEST_ID, status: 'pending' as const, at });
const next = async (events: AsyncGenerator<LiveEvent, void>): Promise<LiveEvent> => {
  const { value } = await events.next();
  assert.ok(value);
  return value;
};

async function open(person: string, headers: Record<string, string> = {}) {
  const token = await rig.token(person);
  const response = await rig.ask('/api/events', {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: stop.signal,
  });
  return { token, response };
}

async function readUntil(response: Response, pattern: RegExp): Promise<string> {
  let text = '';
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  while (!pattern.test(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  return text;
}

test('the client is told to look, then of each change', async () => {
  const events = (await rig.client('mara')).requests.watch({ signal: stop.signal });
  assert.deepEqual(await next(events), { kind: 'look_again' });
  rig.requests.publish(change(1));
  assert.deepEqual(await next(events), { kind: 'change', change: change(1) });
  const ran = {
    request_id: REQUEST_ID,
    status: 'approved',
    at: 2,
    run: { execution_id: 'exec_1', status: 'failed' },
  } as const;
  rig.requests.publish(ran);
  assert.deepEqual(await next(events), { kind: 'change', change: ran });
});

test('broken glass is told among the changes, in order, and to a reader that returns', async () => {
  const events = (await rig.client('mara')).requests.watch({ signal: stop.signal });
  await next(events);
  const notice = { id: GLASS_ID, request_id: REQUEST_ID, what: 'broken', by: 'jon', at: 2 } as const;
  rig.requests.publish(change(1));
  rig.breakGlass.notify(notice);
  assert.deepEqual(await next(events), { kind: 'change', change: change(1) });
  assert.deepEqual(await next(events), { kind: 'break_glass', notice });
  const first = await open('jon');
  const id = /id: (\S+)/.exec(await readUntil(first.response, /hello/))?.[1] ?? '';
  rig.breakGlass.notify({ ...notice, what: 'closed' });
  const { response } = await open('jon', { 'last-event-id': id });
  assert.match(await readUntil(response, /closed/), /event: break_glass\ndata: \{.*"what":"closed"/);
});

test('a reader that returns gets what it missed; one that missed too much, or is from before a restart, looks again', async () => {
  const first = await open('mara');
  const hello = await readUntil(first.response, /hello/);
  const id = /id: (\S+)/.exec(hello)?.[1] ?? '';
  for (const at of [1, 2]) rig.requests.publish(change(at));
  const resumed = await readUntil((await open('mara', { 'last-event-id': id })).response, /"at":2/);
  assert.match(resumed, /"at":1/);
  assert.doesNotMatch(resumed, /reset/);
  for (const at of [3, 4, 5]) rig.requests.publish(change(at));
  assert.match(await readUntil((await open('jon', { 'last-event-id': id })).response, /reset/), /reset/);
  stop.abort();
});

for (const id of ['zzz-0', 'x', '-1', `${Number.MAX_SAFE_INTEGER}`]) {
  test(`an id that is not of this run (${id}) means look again`, async () => {
    const { response } = await open('mara', { 'last-event-id': id });
    assert.match(await readUntil(response, /reset/), /reset/);
  });
}

test('streams are bounded by person and in all', async () => {
  await rig.close();
  // Nobody reads here: without keepalives no queue fills, and no reader is let go while the others open.
  rig = await createRig({ events: { ...limits, keepalive_ms: 3_600_000 } });
  const statuses: number[] = [];
  for (const person of ['mara', 'mara', 'mara', 'jon', 'ines'])
    statuses.push((await open(person)).response.status);
  assert.deepEqual(statuses, [200, 200, 429, 200, 429]);
});

test('a reader that does not read is let go, and holds nothing', async () => {
  await open('mara');
  const before = rig.requests.listeners();
  for (let at = 0; at < 20; at += 1) rig.requests.publish(change(at));
  assert.equal((await open('mara')).response.status, 200);
  assert.equal((await open('mara')).response.status, 200, 'the first no longer counts');
  assert.equal(rig.requests.listeners(), before);
});

test('the stream ends when its session does', async () => {
  const { token, response } = await open('mara');
  const session = await rig.sessions.authenticate(token);
  assert.ok(session);
  await rig.sessions.revoke(session.id, 'mara');
  const text = await readUntil(response, /never/);
  assert.match(text, /hello/);
});

const gone: readonly [how: string, go: (id: string) => Promise<unknown>][] = [
  ['is revoked', (id) => rig.sessions.revoke(id, 'mara', { by: 'jon' })],
  ['is one of all that are', () => rig.sessions.revokeAll('mara', { by: 'jon' })],
];
for (const [how, go] of gone) {
  test(`the stream ends at once when its session ${how}, not at the next keepalive`, async () => {
    await rig.close();
    rig = await createRig({ events: { ...limits, keepalive_ms: 3_600_000 } });
    const { token, response } = await open('mara');
    const session = await rig.sessions.authenticate(token);
    await go(session?.id ?? '');
    assert.match(await readUntil(response, /never/), /hello/);
  });
}

test('the client stops, and says why, when it is refused', async () => {
  const client = createClient({
    url: PUBLIC_URL,
    token: `cs_person_${'a'.repeat(43)}`,
    fetch: (input, init) => rig.api.fetch(new Request(input, init)),
  });
  await assert.rejects(client.requests.watch({ signal: stop.signal }).next(), { kind: 'not_signed_in' });
});
