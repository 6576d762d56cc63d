/** What an entry of the log tells the history, read from the signed statement. Entries about no call tell nothing. */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import type { Row } from '../store/store.ts';

/** Who asked for what, as the entry that answered says. */
export type Question = {
  readonly id: string;
  readonly agent: string;
  readonly subject: string;
  readonly owner: string | null;
  readonly team: string | null;
  readonly upstream: string;
  readonly env: string;
  readonly action: string;
  readonly resource: string;
  readonly class: string | null;
  readonly risk: string | null;
  readonly rules: readonly string[];
  readonly session: string | null;
  readonly trace: string | null;
};

type At = { readonly seq: number; readonly at: number };
export type Told = At &
  (
    | { readonly kind: 'held'; readonly question: Question; readonly request_id: string }
    | {
        readonly kind: 'refused';
        readonly question: Question;
        readonly reason: string;
        /** The request it was refused because of. */
        readonly request_id: string | undefined;
      }
    | {
        readonly kind: 'started';
        readonly question: Question;
        readonly execution_id: string;
        readonly by: 'policy' | 'approval' | 'grant' | 'break-glass';
        readonly request_id: string | undefined;
        readonly caller_enforced: boolean;
      }
    | {
        readonly kind: 'ended';
        readonly execution_id: string;
        readonly status: string;
        readonly cause: string | undefined;
      }
    | {
        readonly kind: 'reviewed';
        readonly request_id: string;
        readonly reviewer: string;
        readonly decision: string;
      }
    | {
        readonly kind: 'resolved';
        readonly request_id: string;
        readonly status: string;
        readonly by: string | undefined;
      }
  );

/** Kinds of entries that may tell something. */
export const TELLING = ['evaluation', 'review', 'resolution', 'execution'] as const;

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** Undefined: about no call. Rows are ours, so nothing here verifies them; that is what verifying the log is for. */
export function toldBy(row: Row): Told | undefined {
  const predicate = predicateOf(String(row['envelope']));
  const told = predicate === undefined ? undefined : READ[String(row['kind'])]?.(predicate, row);
  if (told === undefined) return undefined;
  return { ...told, seq: Number(row['leaf_index']), at: Number(row['occurred_at']) } as Told;
}

export function predicateOf(envelope: string): JsonObject | undefined {
  const { payload } = objectOf(JSON.parse(envelope) as Json);
  if (typeof payload !== 'string') return undefined;
  const { predicate } = objectOf(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Json);
  return isJsonObject(predicate) ? predicate : undefined;
}

type Said = Told extends infer T ? (T extends At ? Omit<T, keyof At> : never) : never;

const READ: { readonly [kind: string]: (predicate: JsonObject, row: Row) => Said | undefined } = {
  evaluation(predicate, row) {
    const question = questionOf(predicate, row);
    const outcome = textOf(predicate['outcome']);
    const request_id = textOf(row['request_id'] as Json);
    if (question === undefined || outcome === undefined) return undefined;
    if (outcome === 'held')
      return request_id === undefined ? undefined : { kind: 'held', question, request_id };
    return { kind: 'refused', question, reason: outcome, request_id };
  },
  review({ decision, reviewer, counted }, row) {
    const request_id = textOf(row['request_id'] as Json);
    const [by, said] = [textOf(reviewer), textOf(decision)];
    if (request_id === undefined || by === undefined || said === undefined || counted !== true)
      return undefined;
    return { kind: 'reviewed', request_id, reviewer: by, decision: said };
  },
  resolution({ status, by }, row) {
    const [request_id, ended] = [textOf(row['request_id'] as Json), textOf(status)];
    if (request_id === undefined || ended === undefined) return undefined;
    return { kind: 'resolved', request_id, status: ended, by: textOf(by) };
  },
  execution(predicate, row) {
    const execution_id = textOf(predicate['execution_id']);
    if (execution_id === undefined) return undefined;
    if (predicate['phase'] === 'result') {
      const status = textOf(predicate['status']) ?? 'unknown';
      return { kind: 'ended', execution_id, status, cause: textOf(predicate['cause']) };
    }
    const question = questionOf(predicate, row);
    if (question === undefined) return undefined;
    return {
      kind: 'started',
      question,
      execution_id,
      by: permittedBy(predicate),
      request_id: textOf(row['request_id'] as Json),
      caller_enforced: predicate['enforced_by'] === 'caller',
    };
  },
};

function permittedBy({ approval_id, grant_id, broken_glass }: JsonObject) {
  if (grant_id !== undefined) return 'grant';
  if (approval_id === undefined) return 'policy';
  return broken_glass === undefined ? 'approval' : 'break-glass';
}

function questionOf(predicate: JsonObject, row: Row): Question | undefined {
  const [who, what] = [objectOf(predicate['who']), objectOf(predicate['what'])];
  const id = textOf(predicate['evaluation_id']);
  const [agent, action, resource] = [textOf(who['agent']), textOf(what['action']), textOf(what['resource'])];
  if (id === undefined || agent === undefined || action === undefined || resource === undefined)
    return undefined;
  return {
    id,
    agent,
    subject: textOf(objectOf(who['subject'])['id']) ?? agent,
    owner: textOf(who['owner']) ?? null,
    team: textOf(who['team']) ?? null,
    upstream: textOf(what['upstream']) ?? '',
    env: textOf(what['env']) ?? '',
    action,
    resource,
    class: textOf(predicate['class']) ?? null,
    risk: textOf(predicate['risk']) ?? null,
    rules: row['rules'] === null ? [] : (JSON.parse(String(row['rules'])) as string[]),
    session: textOf(predicate['session']) ?? null,
    trace: textOf(predicate['traceparent'])?.slice(3, 35) ?? null,
  };
}
