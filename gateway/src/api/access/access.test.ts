import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type EvaluationInput, ProblemError, requestFor } from '@countersign/sdk';
import { createRig, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

const subject = { type: 'agent', id: 'writer' };
const question = (name: string, over: Partial<EvaluationInput> = {}): EvaluationInput => ({
  subject,
  action: { name, properties: { mode: 'append' } },
  resource: { type: 'file', id: '/notes.md' },
  context: { ticket: 'T-1' },
  ...over,
});
const fails = (type: string, status: number) => (error: unknown) => {
  assert.ok(error instanceof ProblemError);
  assert.deepEqual([error.kind, error.status], [type, status], error.detail);
  return true;
};

async function denied(name = 'write') {
  const { access } = rig.agent();
  const asked = question(name);
  const result = await access.evaluate(asked);
  const input = requestFor(asked, result);
  assert.ok(input, 'requestable');
  return { access, asked, result, input };
}

describe('evaluation (AuthZEN)', () => {
  test('permits, denies, and says when people can be asked', async () => {
    const { access } = rig.agent();
    assert.equal((await access.evaluate(question('read'))).decision, true);
    const no = await access.evaluate(question('drop'));
    assert.deepEqual(
      [no.decision, no.context.reason, no.context.next_action],
      [false, 'policy_denied', 'none'],
    );
    const ask = await access.evaluate(question('write'));
    assert.deepEqual(
      [ask.decision, ask.context.reason, ask.context.next_action],
      [false, 'approval_required', 'request'],
    );
    assert.equal(ask.context.access_request?.endpoint, 'http://localhost:7070/access/v1/requests');
  });

  test('the whole question is the action', async () => {
    await rig.agent().access.evaluate(question('read'));
    const { evaluation } = rig.access.asked[0] ?? assert.fail('not asked');
    assert.deepEqual(evaluation.context, {
      action_properties: { mode: 'append' },
      context: { ticket: 'T-1' },
    });
    assert.deepEqual(
      [evaluation.subject, evaluation.facts.binding, evaluation.facts.confidence],
      [subject, 'access', 'exact'],
    );
  });

  test('nobody speaks for somebody else', async () => {
    const { access } = rig.agent();
    const cases: EvaluationInput['subject'][] = [
      { type: 'agent', id: 'other' },
      { type: 'identity', id: 'writer' },
      { ...subject, properties: { act: { sub: 'x' } } },
    ];
    for (const other of cases)
      await assert.rejects(access.evaluate(question('read', { subject: other })), fails('not_allowed', 403));
    assert.equal(rig.access.asked.length, 0);
  });

  test('a batch fills in from the top, stops as told, and is complete before anything is asked', async () => {
    const { access } = rig.agent();
    const { subject: top, resource, context } = question('read');
    const batch = { subject: top, resource, ...(context === undefined ? {} : { context }) };
    const evaluations = ['read', 'drop', 'read'].map((name) => ({ action: { name } }));
    const all = await access.evaluateAll({ ...batch, evaluations });
    assert.deepEqual(
      all.evaluations.map(({ decision }) => decision),
      [true, false, true],
    );
    const some = await access.evaluateAll({
      ...batch,
      evaluations,
      options: { evaluations_semantic: 'deny_on_first_deny' },
    });
    assert.deepEqual(
      some.evaluations.map(({ decision }) => decision),
      [true, false],
    );
    const before = rig.access.asked.length;
    await assert.rejects(
      access.evaluateAll({ ...batch, evaluations: [...evaluations, {}] }),
      fails('invalid_request', 400),
    );
    assert.equal(rig.access.asked.length, before);
  });
});

describe('access request (ARAP)', () => {
  test('a denial becomes a task, an approval, and one permitted answer', async () => {
    const { access, asked, input } = await denied();
    const opened = await access.requestAccess(input);
    assert.equal(opened.task.status, 'pending');
    assert.equal(opened.result, undefined);
    rig.access.approve();
    const approved = await access.wait(opened.task.id, { poll_ms: 1 });
    assert.equal(approved.result?.mode, 'reevaluate');
    assert.equal((await access.evaluateWith(asked, approved)).decision, true);
    const again = await access.evaluateWith(asked, approved);
    assert.deepEqual([again.decision, again.context.reason], [false, 'approval_expired'], 'one use');
  });

  test('answers 202 with the task’s place; a repeat joins it', async () => {
    const { input } = await denied();
    const post = (key: string) =>
      rig.ask('/access/v1/requests', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${rig.access.key}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify(input),
      });
    const first = await post('a');
    assert.equal(first.status, 202);
    const { task } = (await first.json()) as { task: { id: string; status_endpoint: string } };
    assert.equal(first.headers.get('location'), task.status_endpoint);
    const replayed = await post('a');
    assert.deepEqual(
      [replayed.status, replayed.headers.get('idempotency-replayed'), replayed.headers.get('location')],
      [202, 'true', task.status_endpoint],
    );
    const joined = (await (await post('b')).json()) as { task: { id: string } };
    assert.equal(joined.task.id, task.id);
  });

  test('a decision is never repeated under an idempotency key: each yes is a use (I3)', async () => {
    const { access, asked, input } = await denied();
    const { task } = await access.requestAccess(input);
    rig.access.approve();
    const approval = (await access.task(task.id)).result?.approval;
    assert.ok(approval);
    const again = async (): Promise<boolean> => {
      const response = await rig.ask('/access/v1/evaluation', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${rig.access.key}`,
          'content-type': 'application/json',
          'idempotency-key': 'same',
        },
        body: JSON.stringify({ ...asked, context: { ...asked.context, approval } }),
      });
      return ((await response.json()) as { decision: boolean }).decision;
    };
    assert.deepEqual([await again(), await again()], [true, false]);
  });

  test('an approval is not for another action, and not for a changed state (A8)', async () => {
    const { access, asked, input } = await denied();
    const { task } = await access.requestAccess(input);
    rig.access.approve();
    const approved = await access.task(task.id);
    const approval = approved.result?.approval;
    assert.ok(approval);
    const attempts: readonly [string, EvaluationInput][] = [
      ['another context', question('write', { context: { ticket: 'T-2', approval } })],
      ['one member more', question('write', { context: { ticket: 'T-1', force: true, approval } })],
      [
        'another resource',
        question('write', {
          resource: { type: 'file', id: '/etc/passwd' },
          context: { ticket: 'T-1', approval },
        }),
      ],
      [
        'other properties',
        question('write', {
          action: { name: 'write', properties: {} },
          context: { ticket: 'T-1', approval },
        }),
      ],
      [
        'another id',
        question('write', { context: { ticket: 'T-1', approval: { ...approval, id: 'apr_other' } } }),
      ],
      [
        'a changed token',
        question('write', {
          context: { ticket: 'T-1', approval: { ...approval, state: `${approval.state.slice(0, -4)}AAAA` } },
        }),
      ],
    ];
    for (const [name, attempt] of attempts) {
      const result = await access.evaluate(attempt);
      assert.deepEqual([result.decision, result.context.reason], [false, 'approval_unverifiable'], name);
    }
    rig.clock.now += 700_000;
    const late = await access.evaluateWith(asked, approved);
    assert.deepEqual([late.decision, late.context.reason], [false, 'approval_expired']);
  });

  test('a request is about exactly what was denied', async () => {
    const { access, input } = await denied();
    const other = { ...input, resource: { type: 'file', id: '/other' } };
    await assert.rejects(access.requestAccess(other), fails('invalid_denial_binding', 400));
    await assert.rejects(
      access.requestAccess({ ...input, context: { ticket: 'T-1', more: 1 } }),
      fails('invalid_denial_binding', 400),
    );
    await assert.rejects(
      access.requestAccess({ ...input, denial: { ...input.denial, evaluation_id: 'evl_9' } }),
      fails('invalid_denial_binding', 400),
    );
    await assert.rejects(
      access.requestAccess({ ...input, denial: { ...input.denial, binding_token: 'a.b.c' } }),
      fails('invalid_denial_binding', 400),
    );
    rig.clock.now += 601_000;
    await assert.rejects(access.requestAccess(input), fails('expired_denial', 410));
  });

  test('the same key with another body is ARAP’s duplicate_request', async () => {
    const { access, input } = await denied();
    await access.requestAccess(input, 'k');
    await assert.rejects(
      access.requestAccess({ ...input, client: { name: 'x' } }, 'k'),
      fails('duplicate_request', 409),
    );
  });

  test('a callback may be named where the agent may be called, and nowhere else (A26)', async () => {
    const { access, input } = await denied();
    const with_ = (endpoint: string, over = {}) => ({ ...input, callback: { endpoint, ...over } });
    await assert.rejects(
      access.requestAccess(with_('http://169.254.169.254/')),
      (error: ProblemError) => error.status === 403 && error.field === 'body.callback.endpoint',
    );
    await assert.rejects(
      access.requestAccess(with_('https://app.test/in', { state: 'many' })),
      fails('too_many_requests', 429),
    );
    const { task } = await access.requestAccess(
      with_('https://app.test/in', { state: 's', events: ['approved'] }),
    );
    assert.equal(task.status, 'pending');
    for (const events of [[], ['pending'], ['opened']])
      await assert.rejects(
        access.requestAccess(with_('https://app.test/in', { events })),
        fails('invalid_request', 400),
      );
  });

  test('what is not offered is refused by name, not ignored', async () => {
    const { access, input } = await denied();
    const extras = {
      items: [],
      requested_access: { emergency: true },
    };
    for (const [name, value] of Object.entries(extras)) {
      const body = { ...input, [name]: value } as typeof input;
      await assert.rejects(
        access.requestAccess(body),
        (error: ProblemError) => error.field === `body.${name}` && /not offered/.test(error.detail),
      );
    }
    await assert.rejects(
      access.requestAccess({ ...input, client: { id: 'other' } }),
      fails('not_allowed', 403),
    );
  });

  test('is withdrawn once, and unknown to others', async () => {
    const { access, input } = await denied();
    const { task } = await access.requestAccess(input);
    assert.equal((await access.cancel(task.id)).task.status, 'cancelled');
    await assert.rejects(access.cancel(task.id), fails('invalid_task_state', 409));
    await assert.rejects(access.task('req_01JD0000000000000000000099'), fails('unknown_task', 404));
  });
});

test('the metadata names every endpoint', async () => {
  const metadata = (await (await rig.ask('/.well-known/authzen-configuration')).json()) as Record<
    string,
    unknown
  >;
  assert.equal(metadata['access_evaluation_endpoint'], 'http://localhost:7070/access/v1/evaluation');
  assert.deepEqual(metadata['capabilities'], ['urn:openid:authzen:capability:access-request']);
});

test('A21: an agent over its calls_per_minute is told how long to wait, whatever it asks', async () => {
  rig.access.over_rate_s = 7;
  await assert.rejects(rig.agent().access.evaluate(question('read')), (error: unknown) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual([error.kind, error.status], ['too_many_requests', 429]);
    assert.match(error.detail, /calls_per_minute; try again in 7 s/);
    return true;
  });
  const authorization = `Bearer ${rig.access.key}`;
  const raw = await rig.ask('/access/v1/requests/req_1', { headers: { authorization } });
  assert.deepEqual([raw.status, raw.headers.get('retry-after')], [429, '7']);
  assert.deepEqual(rig.access.asked, []);
});
