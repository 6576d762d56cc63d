import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalize } from '../json/canonical.ts';
import { parseJson } from '../json/parse.ts';
import type { Json, JsonObject } from '../json/value.ts';
import { type ApprovalTokenClaims, assertApprovalTokenClaims } from './approval-token.ts';
import { WireError } from './error.ts';
import {
  ATTESTATION_KINDS,
  assertStatement,
  kindOf,
  type Predicate,
  parseStatement,
  statementBytes,
  statementOf,
  statementText,
} from './statement.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const EVENT = '01K9ZZZZZZZZZZZZZZZZZZZZZZ';

const PREDICATE: Predicate = {
  event_id: EVENT,
  occurred_at: '2026-11-21T04:00:00.000Z',
  task_id: 'req_1',
  evaluation_id: 'evl_1',
  action_digest: DIGEST,
  policy: { id: 'p', version: '1', digest: DIGEST },
  answers: [EVENT],
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

/** A copy with one member, by path, changed or (undefined) taken away. */
function edit(value: Json, [step, ...rest]: readonly (string | number)[], to: Json | undefined): Json {
  const copy = structuredClone(value) as { [key: string | number]: Json };
  if (step === undefined) return to ?? null;
  const changed = rest.length === 0 ? to : edit(copy[step] ?? {}, rest, to);
  if (changed === undefined) delete copy[step];
  else copy[step] = changed;
  return copy as Json;
}

for (const kind of ATTESTATION_KINDS) {
  test(`a statement about ${kind} survives being written and read`, () => {
    const statement = statementOf(kind, { ...PREDICATE, ...(kind === 'execution' && { phase: 'started' }) });
    assert.deepEqual(parseStatement(statementBytes(statement)), statement);
    assert.equal(kindOf(statement), kind);
  });
}

test('a statement’s text is its canonical form, whatever stands in it', () => {
  const text = fc.string({ unit: 'grapheme' });
  const said = fc.record({
    kind: fc.constantFrom(...ATTESTATION_KINDS),
    task: text,
    digest: text,
    more: fc.jsonValue(),
  });
  fc.assert(
    fc.property(said, ({ kind, task, digest, more }) => {
      const more_json = parseJson(JSON.stringify(more));
      const predicate = { more_json, ...PREDICATE, task_id: task, action_digest: `sha256:${digest}` };
      assert.equal(statementText(kind, predicate), canonicalize(statementOf(kind, predicate)));
    }),
  );
});

const execution = (more: JsonObject): Json => statementOf('execution', { ...PREDICATE, ...more });
const BAD_STATEMENTS: readonly { readonly name: string; readonly value: Json; readonly path: string }[] = [
  {
    name: 'another type',
    value: edit(statementOf('review', PREDICATE), ['_type'], 'https://in-toto.io/Statement/v0.1'),
    path: '_type',
  },
  {
    name: 'a member too many',
    value: edit(statementOf('review', PREDICATE), ['note'], 'x'),
    path: 'statement',
  },
  {
    name: 'a kind nobody knows',
    value: edit(
      statementOf('review', PREDICATE),
      ['predicateType'],
      'urn:countersign:attestation:reviews:v1',
    ),
    path: 'predicateType',
  },
  {
    name: 'another version',
    value: edit(statementOf('review', PREDICATE), ['predicateType'], 'urn:countersign:attestation:review:v2'),
    path: 'predicateType',
  },
  { name: 'no subject', value: edit(statementOf('review', PREDICATE), ['subject'], []), path: 'subject' },
  {
    name: 'a subject that names another task',
    value: edit(statementOf('review', PREDICATE), ['subject', 0, 'name'], 'req_2'),
    path: 'subject[0].name',
  },
  {
    name: 'a subject of another action',
    value: edit(statementOf('review', PREDICATE), ['subject', 0, 'digest', 'sha256'], 'b'.repeat(64)),
    path: 'subject[0].digest.sha256',
  },
  {
    name: 'no event id',
    value: edit(statementOf('review', PREDICATE), ['predicate', 'event_id'], undefined),
    path: 'predicate.event_id',
  },
  {
    name: 'a time zone',
    value: edit(
      statementOf('review', PREDICATE),
      ['predicate', 'occurred_at'],
      '2026-11-21T04:00:00.000+01:00',
    ),
    path: 'predicate.occurred_at',
  },
  {
    name: 'a bare digest',
    value: edit(statementOf('review', PREDICATE), ['predicate', 'action_digest'], 'a'.repeat(64)),
    path: 'predicate.action_digest',
  },
  {
    name: 'half a policy',
    value: edit(statementOf('review', PREDICATE), ['predicate', 'policy', 'version'], undefined),
    path: 'predicate.policy.version',
  },
  {
    name: 'an answer that is no event',
    value: edit(statementOf('review', PREDICATE), ['predicate', 'answers', 0], 'req_1'),
    path: 'predicate.answers[0]',
  },
  {
    name: 'a broken traceparent',
    value: edit(statementOf('review', PREDICATE), ['predicate', 'traceparent'], '00-1-2-3'),
    path: 'predicate.traceparent',
  },
  { name: 'A25: an execution without phase', value: execution({}), path: 'predicate.phase' },
  { name: 'A25: a result without status', value: execution({ phase: 'result' }), path: 'predicate.status' },
  {
    name: 'A25: a start that already succeeded',
    value: execution({ phase: 'started', status: 'succeeded' }),
    path: 'predicate.status',
  },
  {
    name: 'A25: a result that was approved',
    value: execution({ phase: 'result', status: 'approved' }),
    path: 'predicate.status',
  },
];

for (const { name, value, path } of BAD_STATEMENTS) {
  test(`statement: refuses ${name}, naming ${path}`, () => {
    assert.throws(
      () => assertStatement(value),
      (error) => error instanceof WireError && error.path === path,
    );
  });
}

test('a payload that is not strict JSON is refused as such', () => {
  const doubled = canonicalize(statementOf('review', PREDICATE)).replace(
    '"task_id":',
    '"task_id":"req_0","task_id":',
  );
  assert.throws(
    () => parseStatement(new TextEncoder().encode(doubled)),
    (error) => error instanceof WireError && error.code === 'not-json',
  );
});

const CLAIMS: ApprovalTokenClaims = {
  iss: 'https://gate.example.com',
  aud: 'https://gate.example.com',
  iat: 1_790_000_000,
  exp: 1_790_000_600,
  jti: 'j1',
  sub: 'alice',
  act: { iss: 'https://gate.example.com', sub: 'agent-1', sub_profile: 'ai_agent' },
  client_id: 'agent-1',
  txn: 'req_1',
  approval_id: 'apr_1',
  evaluation_id: 'evl_1',
  approved_at: 1_790_000_000,
  binding_hash: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
  binding_context_members: ['tool'],
  authorization_details: [
    {
      type: 'urn:countersign:privileged-action',
      actions: ['tools/call'],
      locations: ['files'],
      identifier: 'write_file',
      action_digest: DIGEST,
    },
  ],
  max_uses: 1,
  cnf: { jkt: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU' },
};

test('approval token claims: whole ones pass, with and without actor and key', () => {
  const { act: _, cnf: __, ...least } = CLAIMS;
  for (const claims of [CLAIMS, least]) assertApprovalTokenClaims(parseJson(canonicalize(claims)));
});

const detail = ['authorization_details', 0];
const BAD_CLAIMS: readonly {
  readonly path: readonly (string | number)[];
  readonly to: Json | undefined;
  readonly named: string;
}[] = [
  { path: ['iss'], to: undefined, named: 'iss' },
  { path: ['sub'], to: '', named: 'sub' },
  { path: ['client_id'], to: 7, named: 'client_id' },
  { path: ['exp'], to: CLAIMS.iat, named: 'exp' },
  { path: ['exp'], to: '1790000600', named: 'exp' },
  { path: ['iat'], to: 1.5, named: 'iat' },
  { path: ['approved_at'], to: -1, named: 'approved_at' },
  { path: ['max_uses'], to: 0, named: 'max_uses' },
  { path: ['binding_hash'], to: 'short', named: 'binding_hash' },
  { path: ['binding_hash'], to: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV', named: 'binding_hash' },
  { path: ['binding_context_members', 0], to: 1, named: 'binding_context_members[0]' },
  { path: ['act', 'sub_profile'], to: 'human', named: 'act.sub_profile' },
  { path: ['act'], to: null, named: 'act' },
  { path: ['cnf'], to: {}, named: 'cnf.jkt' },
  {
    path: ['authorization_details'],
    to: [CLAIMS.authorization_details[0], CLAIMS.authorization_details[0]],
    named: 'authorization_details',
  },
  { path: [...detail, 'type'], to: 'other', named: 'authorization_details[0].type' },
  { path: [...detail, 'action_digest'], to: undefined, named: 'authorization_details[0].action_digest' },
  { path: [...detail, 'locations'], to: 'files', named: 'authorization_details[0].locations' },
];

for (const { path, to, named } of BAD_CLAIMS) {
  test(`approval token: refuses ${path.join('.')} = ${JSON.stringify(to)}, naming ${named}`, () => {
    assert.throws(
      () => assertApprovalTokenClaims(edit(CLAIMS, path, to)),
      (error) => error instanceof WireError && error.path === named,
    );
  });
}
