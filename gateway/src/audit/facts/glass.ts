/** What the log says of broken glass. Pure, as all facts are; reasons and notes are commitments (I7). */
import type { BreakGlass, JsonObject } from '@countersign/core';
import type { AuditFact } from '../audit.ts';
import { type About, base, type Timed, termsOf, what, who } from './about.ts';
import { glassOf } from './asked.ts';

export type GlassEvent = Timed & {
  readonly glass_id: string;
  readonly request_id: string;
  /** The person. */
  readonly by: string;
  readonly channel?: string;
} & (
    | {
        readonly change: 'broken';
        readonly terms: BreakGlass;
        /** How many people it is told to, as of now. */
        readonly told: number;
        readonly reason: JsonObject;
        readonly shown: JsonObject;
        /** What their passkey signed, and the assertion, verbatim, as of a review. */
        readonly signed: JsonObject;
      }
    | { readonly change: 'refused'; readonly why: string }
    | { readonly change: 'acknowledged' }
    | { readonly change: 'closed'; readonly verdict: string; readonly note: JsonObject }
  );

/** The glass was broken, or not; somebody was told; somebody else judged it. `decision` and `reviewer` as in a signed review. */
export function glassFact(about: About, event: GlassEvent): AuditFact {
  const { at, glass_id, request_id, by, channel, change } = event;
  const said = ((): JsonObject => {
    switch (event.change) {
      case 'broken': {
        const { terms, told, reason, shown, signed } = event;
        const review = { decision: 'break-glass', reviewer: by, proof: 'passkey', reason, shown, signed };
        return { ...review, who: who(about), terms: glassOf(terms), told };
      }
      case 'refused':
        return { decision: 'break-glass', reviewer: by, refused: event.why };
      case 'acknowledged':
        return { by };
      case 'closed':
        return { by, verdict: event.verdict, note: event.note };
    }
  })();
  return {
    ...base(about),
    kind: 'break-glass',
    occurred_at: at,
    task_id: request_id,
    predicate: {
      change,
      ...(glass_id === '' ? {} : { glass_id }),
      ...(channel === undefined ? {} : { channel }),
      what: what(about),
      ...said,
    },
    terms: { ...termsOf(about), request_id, reviewer: by },
  };
}
