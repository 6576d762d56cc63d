/** What one entry of the log says of an evaluation: who asked for what, what was decided under which policy, and what came of it. */
import { type Effect, isJsonObject, type Json, type JsonObject } from '@countersign/core';
import type { RecordedEntry } from './questions.ts';

export type Recorded = {
  readonly event_id: string;
  readonly occurred_at: number;
  readonly request_id: string | undefined;
  readonly execution_id: string | undefined;
  readonly evaluation_id: string;
  readonly who: {
    readonly agent: string;
    readonly team: string | null;
    readonly subject: JsonObject;
    readonly act: JsonObject | undefined;
  };
  /** `resource` is as the log has it: what could not be shown in it is masked. */
  readonly what: {
    readonly upstream: string;
    readonly env: string;
    readonly action: string;
    readonly resource: string;
  };
  readonly effect: Effect;
  readonly rules: readonly string[];
  readonly policy_digest: string;
  /** `allowed`, `held`, or why it was refused. */
  readonly outcome: string;
};

/** `again`: of an action already asked about, so counted with it. `none`: about no action. */
export type Told =
  | { readonly kind: 'evaluation'; readonly recorded: Recorded }
  | { readonly kind: 'again' | 'none' };

export function readRecorded(entry: RecordedEntry): Told {
  const said = predicateOf(entry.envelope);
  const [who, what] = [objectOf(said?.['who']), objectOf(said?.['what'])];
  const effect = said?.['effect'];
  if (said === undefined || what === undefined || who === undefined || !isEffect(effect))
    return { kind: 'none' };
  const outcome = said['phase'] === 'started' ? 'allowed' : text(said['outcome']);
  // A run of what was held before, and what was asked again of an answered request.
  if (
    said['approval_id'] !== undefined ||
    (outcome !== 'held' && outcome !== 'allowed' && entry.request_id !== null)
  )
    return { kind: 'again' };
  return {
    kind: 'evaluation',
    recorded: {
      event_id: entry.event_id,
      occurred_at: entry.occurred_at,
      request_id: entry.request_id ?? undefined,
      execution_id: entry.execution_id ?? undefined,
      evaluation_id: text(said['evaluation_id']),
      who: {
        agent: text(who['agent']),
        team: typeof who['team'] === 'string' ? who['team'] : null,
        subject: objectOf(who['subject']) ?? {},
        act: objectOf(who['act']),
      },
      what: {
        upstream: text(what['upstream']),
        env: text(what['env']),
        action: text(what['action']),
        resource: text(what['resource']),
      },
      effect,
      rules: decidingOf(said['rules']),
      policy_digest: text(objectOf(said['policy'])?.['digest']),
      outcome,
    },
  };
}

/** Our own entries, read back: a store whose entries are no longer ours is found by `log verify`, not here. */
function predicateOf(envelope: string): JsonObject | undefined {
  try {
    const { payload } = JSON.parse(envelope) as { readonly payload: string };
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Json;
    return objectOf(objectOf(statement)?.['predicate']);
  } catch {
    return undefined; // not an entry of ours: about no action anybody could tell
  }
}

const objectOf = (value: Json | undefined): JsonObject | undefined =>
  value !== undefined && isJsonObject(value) ? value : undefined;
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const isEffect = (value: Json | undefined): value is Effect =>
  value === 'allow' || value === 'require' || value === 'deny';

function decidingOf(rules: Json | undefined): readonly string[] {
  const deciding = objectOf(rules)?.['deciding'];
  if (!Array.isArray(deciding)) return [];
  return [...new Set((deciding as readonly Json[]).map((hit) => text(objectOf(hit)?.['rule'])))].sort();
}
