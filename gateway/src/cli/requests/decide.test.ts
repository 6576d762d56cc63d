import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import {
  type Client,
  ProblemError,
  type RequestDetail,
  type ReviewInput,
  UnreachableError,
} from '@countersign/sdk';
import { type Made, makeDetail } from '../../../testing/detail.ts';
import { createTerminal, type Terminal } from '../../../testing/terminal.ts';
import { viewOf } from '../render/view.ts';
import { askForDecision, choicesOf, type Decided } from './decide.ts';

const token = ['gh', 'p_', 'a1B2'.repeat(9)].join('');
const plain: Made = { arguments: { path: '/srv/a', content: 'hello' } };
const secret: Made = { arguments: { script: `curl -u ${token} x` } };

type Sent = ReviewInput & { readonly key: string | undefined };
type Fake = {
  readonly client: Client;
  readonly sent: Sent[];
  readonly revealed: string[];
  detail: RequestDetail;
  /** Thrown by the next reviews, first to last. */
  readonly failures: Error[];
};

/** What a gateway answers, as far as one decision needs it. */
function fake(made: Made): Fake {
  const self: Fake = { client: {} as Client, sent: [], revealed: [], detail: makeDetail(made), failures: [] };
  const requests = {
    show: () => Promise.resolve(self.detail),
    review: (_id: string, answer: ReviewInput, once?: { readonly idempotency_key?: string }) => {
      self.sent.push({ ...answer, key: once?.idempotency_key });
      const failure = self.failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      const status = answer.decision;
      return Promise.resolve({ status, quorum: { met: true, filled: 1, needed: 1 }, event_id: 'evt' });
    },
    reveal: (_id: string, reason: string) => {
      self.revealed.push(reason);
      self.detail = makeDetail({ ...made, revealed: true });
      return Promise.resolve();
    },
  };
  return Object.assign(self, { client: { requests } as unknown as Client });
}

const problem = (kind: string, detail: string, status = 409): ProblemError =>
  new ProblemError(status, { type: `urn:countersign:problem:${kind}`, title: kind, detail });

type Talk = { readonly gateway: Fake; readonly terminal: Terminal; readonly decided: Promise<Decided> };

function ask(made: Made, signal?: AbortSignal): Talk {
  const gateway = fake(made);
  const terminal = createTerminal();
  const asking = { ...terminal.io, ...(signal === undefined ? {} : { signal }) };
  return { gateway, terminal, decided: askForDecision(gateway.client, 'req_1', asking) };
}

test('an approval names both digests of what was shown, and its reason', { timeout: 30_000 }, async () => {
  const { gateway, terminal, decided } = ask(plain);
  await terminal.until('[a]pprove   [d]eny   [s]kip  ›');
  terminal.type('a\r');
  await terminal.until('Why, for the record');
  terminal.type('  read it \r');
  assert.equal((await decided).kind, 'answered');
  const { action_digest, rendered_digest } = gateway.detail;
  const [{ key, ...answer } = { key: undefined }] = gateway.sent;
  assert.deepEqual(answer, { decision: 'approved', reason: 'read it', action_digest, rendered_digest });
  assert.match(String(key), /^[0-9a-f-]{36}$/);
  assert.match(terminal.text, /Approved\. It may run once within 10 min\./);
});

test('A18: words that are not the answer decide nothing', { timeout: 30_000 }, async () => {
  const { gateway, terminal, decided } = ask({ ...plain, over: { risk: 'critical' } });
  await terminal.until('approve (type the word)');
  for (const word of ['y', 'yes, go ahead', 'a', 'approved', '', 'APPROVE IT']) {
    terminal.type(`${word}\r`);
    await terminal.until('›');
  }
  assert.deepEqual(gateway.sent, []);
  terminal.type('s\r');
  assert.deepEqual(await decided, { kind: 'skipped' });
  assert.deepEqual(gateway.sent, []);
});

test('keys pressed before the question stood there are thrown away', { timeout: 30_000 }, async () => {
  const gateway = fake(plain);
  const terminal = createTerminal();
  const shown = Promise.withResolvers<void>();
  const show = gateway.client.requests.show;
  Object.assign(gateway.client.requests, {
    show: async (id: string) => {
      terminal.type('a\ra\rapprove');
      await new Promise((resolve) => setImmediate(resolve));
      shown.resolve();
      return show(id);
    },
  });
  const decided = askForDecision(gateway.client, 'req_1', terminal.io);
  await shown.promise;
  await terminal.until('[a]pprove');
  terminal.type('\r');
  await terminal.until('[a]pprove');
  terminal.type('d\r');
  await terminal.until('Why not?');
  terminal.type('\r');
  assert.equal((await decided).kind, 'answered');
  assert.deepEqual(
    gateway.sent.map(({ decision }) => decision),
    ['denied'],
  );
});

test('I6: hidden text blocks approval until it is revealed, with a reason', { timeout: 30_000 }, async () => {
  const { gateway, terminal, decided } = ask(secret);
  await terminal.until('[r]eveal   [d]eny   [s]kip  ›');
  terminal.type('a\r');
  await terminal.until('This view cannot approve');
  terminal.type('r\r');
  await terminal.until('Why must you see it?');
  terminal.type('\r');
  await terminal.until('To reveal it, say why.');
  terminal.type('r\r');
  await terminal.until('Why must you see it?');
  terminal.type('must read the script\r');
  await terminal.until('[a]pprove   [d]eny   [s]kip  ›');
  assert.deepEqual(gateway.revealed, ['must read the script']);
  assert.ok(terminal.text.includes('Shown to you in clear'));
  terminal.type('a\r');
  await terminal.until('Why, for the record');
  terminal.type('\r');
  await decided;
  assert.equal(gateway.sent[0]?.rendered_digest, gateway.detail.rendered_digest);
});

test('what has changed meanwhile is shown anew and asked about anew', { timeout: 30_000 }, async () => {
  const { gateway, terminal, decided } = ask(plain);
  await terminal.until('[a]pprove');
  gateway.failures.push(problem('shown_changed', 'what was shown has changed'));
  gateway.detail = makeDetail({ arguments: { path: '/srv/other' } });
  terminal.type('a\r');
  await terminal.until('Why');
  terminal.type('\r');
  await terminal.until('what was shown has changed');
  await terminal.until('/srv/other');
  await terminal.until('[a]pprove');
  terminal.type('s\r');
  assert.deepEqual(await decided, { kind: 'skipped' });
});

test('a lost reply is asked for again under the same key; never sent as new', {
  timeout: 30_000,
}, async () => {
  const { gateway, terminal, decided } = ask(plain);
  gateway.failures.push(new UnreachableError('broke off'));
  await terminal.until('[a]pprove');
  terminal.type('a\r');
  await terminal.until('Why');
  terminal.type('\r');
  await decided;
  assert.equal(gateway.sent.length, 2);
  assert.equal(gateway.sent[0]?.key, gateway.sent[1]?.key);
});

test('I5, A17: resolved elsewhere while asked about', { timeout: 30_000 }, async () => {
  const gone = new AbortController();
  const { gateway, terminal, decided } = ask(plain, gone.signal);
  await terminal.until('[a]pprove');
  gateway.detail = { ...gateway.detail, status: 'denied' };
  gone.abort();
  assert.deepEqual(await decided, { kind: 'resolved', status: 'denied' });
  assert.ok(terminal.text.includes('It is denied; there is nothing left to decide.'));
  assert.deepEqual(gateway.sent, []);
});

test('I14: a terminal that goes away answers nothing', { timeout: 30_000 }, async () => {
  for (const leave of ['\x03', '\x04', 'hang up'] as const) {
    const { gateway, terminal, decided } = ask(plain);
    await terminal.until('[a]pprove');
    if (leave === 'hang up') terminal.hangUp();
    else terminal.type(leave);
    assert.deepEqual(await decided, { kind: 'closed' }, JSON.stringify(leave));
    assert.deepEqual(gateway.sent, []);
  }
});

test('A4: a view taller than the terminal says so beside the question', { timeout: 30_000 }, async () => {
  for (const [lines, want] of [
    [2, false],
    [100, true],
  ] as const) {
    const { terminal, decided } = ask({ arguments: { content: 'line\n'.repeat(lines) } });
    await terminal.until('[a]pprove');
    assert.equal(/\d+ rows, more than fit here: scroll up/.test(terminal.text), want);
    terminal.type('s\r');
    await decided;
  }
});

test('I4: who may not review is told why and not asked', { timeout: 30_000 }, async () => {
  const { gateway, terminal, decided } = ask({
    ...plain,
    over: { eligibility: { eligible: false, why: 'owner' } },
  });
  assert.deepEqual(await decided, { kind: 'skipped' });
  assert.match(terminal.text, /You cannot review this: you own this agent\./);
  assert.deepEqual(gateway.sent, []);
});

describe('choices by view', () => {
  const table: readonly (readonly [string, Made, readonly string[]])[] = [
    ['whole view', plain, ['approved', 'denied', 'skip']],
    ['A4: cut view', { arguments: { text: 'x\n'.repeat(60_000) } }, ['denied', 'skip']],
    [
      'A4: cut here, whatever the gateway says',
      { arguments: { text: 'x\n'.repeat(60_000) }, over: { approvable: { ok: true } } },
      ['denied', 'skip'],
    ],
    ['hidden text', secret, ['reveal', 'denied', 'skip']],
    [
      'a digest of something else',
      { ...plain, over: { rendered_digest: `sha256:${'00'.repeat(32)}` } },
      ['denied', 'skip'],
    ],
  ];
  for (const [name, made, want] of table)
    it(name, () => {
      const detail = makeDetail(made);
      assert.deepEqual(
        choicesOf(detail, viewOf(detail)).map(({ act }) => act),
        want,
      );
    });
});
