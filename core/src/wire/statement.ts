import { canonicalBytes, canonicalize } from '../json/canonical.ts';
import type { Json, JsonObject } from '../json/value.ts';
import {
  arrayAt,
  at,
  constantAt,
  has,
  matchAt,
  objectAt,
  oneOfAt,
  onlyMembers,
  parseDocument,
  refuse,
  stringAt,
  stringsAt,
} from './shape.ts';

/** What an audit entry can be about. Closed: an auditor who meets another kind meets another program. */
export const ATTESTATION_KINDS = [
  'evaluation',
  'access-request',
  'review',
  'resolution',
  'execution',
  'policy-change',
  'config-change',
  'reviewer-key',
  'break-glass',
  'tool-change',
  'redaction',
  'export',
  'system',
] as const;
export type AttestationKind = (typeof ATTESTATION_KINDS)[number];

export const EXECUTION_STATUSES = ['succeeded', 'failed', 'unknown'] as const;

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Members every predicate may have; what else it has depends on its kind. */
export type CommonMembers = {
  /** ULID. */
  readonly event_id: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly occurred_at: string;
  /** The access request or execution it belongs to: the statement's subject. */
  readonly task_id: string;
  readonly evaluation_id?: string;
  /** `sha256:` and 64 hex digits: the statement's subject digest. */
  readonly action_digest: string;
  readonly policy?: { readonly id: string; readonly version: string; readonly digest: string };
  /** Event ids this entry answers. */
  readonly answers?: readonly string[];
  readonly traceparent?: string;
};

export type Predicate = CommonMembers & JsonObject;

/** in-toto Statement v1. */
export type Statement = {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly [{ readonly name: string; readonly digest: { readonly sha256: string } }];
  readonly predicateType: `urn:countersign:attestation:${AttestationKind}:v1`;
  readonly predicate: Predicate;
};

export function statementOf(kind: AttestationKind, predicate: Predicate): Statement {
  const sha256 = predicate.action_digest.slice('sha256:'.length);
  return {
    _type: STATEMENT_TYPE,
    predicate,
    predicateType: `urn:countersign:attestation:${kind}:v1`,
    subject: [{ digest: { sha256 }, name: predicate.task_id }],
  };
}

/**
 * The text of `canonicalize(statementOf(…))`, written around its predicate: what it says of itself twice is cut from
 * strings and put together of them, and a value with such in it `JSON.stringify` writes three times as slowly.
 */
export function statementText(kind: AttestationKind, predicate: Predicate): string {
  const sha256 = predicate.action_digest.slice('sha256:'.length);
  const subject = `[{"digest":{"sha256":${canonicalize(sha256)}},"name":${canonicalize(predicate.task_id)}}]`;
  return `{"_type":"${STATEMENT_TYPE}","predicate":${canonicalize(predicate)},"predicateType":"urn:countersign:attestation:${kind}:v1","subject":${subject}}`;
}

/** The payload to sign: canonical, so that the same statement is always the same bytes. */
export function statementBytes(statement: Statement): Uint8Array<ArrayBuffer> {
  return canonicalBytes(statement);
}

export function parseStatement(payload: Uint8Array): Statement {
  const value = parseDocument(payload, 'statement');
  assertStatement(value);
  return value;
}

export function kindOf(statement: Statement): AttestationKind {
  return oneOfAt(predicateKind(statement.predicateType), ATTESTATION_KINDS);
}

/** Throws `WireError` unless the value is one of our statements, whole and consistent with itself. */
export function assertStatement(value: Json): asserts value is Statement {
  const statement = objectAt({ value, path: 'statement' });
  onlyMembers(statement, 'statement', ['_type', 'subject', 'predicateType', 'predicate']);
  constantAt(at(statement, '', '_type'), STATEMENT_TYPE);
  const kind = oneOfAt(predicateKind(stringAt(at(statement, '', 'predicateType'))), ATTESTATION_KINDS);
  const predicate = objectAt(at(statement, '', 'predicate'));
  assertCommon(predicate);
  assertSubject(statement, predicate);
  if (kind === 'execution') assertExecution(predicate);
}

function predicateKind(predicateType: string): { readonly value: Json; readonly path: string } {
  const kind = /^urn:countersign:attestation:([a-z-]+):v1$/.exec(predicateType)?.[1] ?? '';
  return { value: kind, path: 'predicateType' };
}

function assertCommon(predicate: JsonObject): void {
  const field = (key: string): ReturnType<typeof at> => at(predicate, 'predicate', key);
  matchAt(field('event_id'), ULID, 'must be a ULID');
  matchAt(field('occurred_at'), TIME, 'must be RFC 3339 in UTC with milliseconds');
  stringAt(field('task_id'));
  matchAt(field('action_digest'), DIGEST, 'must be "sha256:" and 64 lower-case hex digits');
  if (has(predicate, 'evaluation_id')) stringAt(field('evaluation_id'));
  if (has(predicate, 'policy')) {
    const policy = objectAt(field('policy'));
    for (const key of ['id', 'version', 'digest']) stringAt(at(policy, 'predicate.policy', key));
  }
  if (has(predicate, 'answers')) {
    stringsAt(field('answers')).forEach((value, index) => {
      matchAt({ value, path: `predicate.answers[${index}]` }, ULID, 'must be a ULID');
    });
  }
  if (has(predicate, 'traceparent')) matchAt(field('traceparent'), TRACEPARENT, 'must be a W3C traceparent');
}

/** The subject repeats the predicate for tools that read only in-toto: the two must say the same. */
function assertSubject(statement: JsonObject, predicate: JsonObject): void {
  const subjects = arrayAt(at(statement, '', 'subject'));
  if (subjects.length !== 1) refuse('subject', 'must have exactly one element');
  const subject = objectAt({ value: subjects[0], path: 'subject[0]' });
  const digest = objectAt(at(subject, 'subject[0]', 'digest'));
  if (subject['name'] !== predicate['task_id']) refuse('subject[0].name', "must be the predicate's task_id");
  if (`sha256:${digest['sha256']}` !== predicate['action_digest']) {
    refuse('subject[0].digest.sha256', "must be the predicate's action_digest");
  }
}

/** A25: started, and how it ended, are different entries. */
function assertExecution(predicate: JsonObject): void {
  const phase = oneOfAt(at(predicate, 'predicate', 'phase'), ['started', 'result']);
  const status = at(predicate, 'predicate', 'status');
  if (phase === 'result') oneOfAt(status, EXECUTION_STATUSES);
  else if (status.value !== undefined) refuse(status.path, 'an execution that started has no status yet');
}
