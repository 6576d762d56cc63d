/**
 * What the gateway sent, checked before anyone decides from it: that it can be drawn whole, and that its digest is the
 * digest of exactly this. A view that fails either cannot approve, whatever the gateway says (I6, A4). Pure.
 */
import {
  canonicalBytes,
  encodeHex,
  isJsonObject,
  type Json,
  type JsonObject,
  type Redaction,
  type Rendering,
  renderJson,
  sha256,
  visible,
} from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';

export type View = {
  readonly rendering: Rendering;
  readonly approvable: { readonly ok: true } | { readonly ok: false; readonly why: string };
  /** Something is hidden that this person may ask to see. */
  readonly revealable: boolean;
};

/** As the gateway's own: what fits there fits here. */
const LINES_MAX = 50_000;
const CHARS_MAX = 4_000_000;

export type Shown = Pick<
  RequestDetail,
  'shown_action' | 'redactions' | 'rendered_digest' | 'approvable' | 'revealed' | 'status' | 'eligibility'
>;

export function viewOf(shown: Shown): View {
  const rendering = renderJson(inReadingOrder(shown.shown_action), {
    redactions: byPointer(shown),
    lines_max: LINES_MAX,
    chars_max: CHARS_MAX,
  });
  const open = shown.status === 'pending' && shown.eligibility.eligible;
  const revealable = open && !shown.revealed && shown.redactions.length > 0;
  return { rendering, approvable: approvableOf(shown, rendering), revealable };
}

function approvableOf(shown: Shown, { complete }: Rendering): View['approvable'] {
  if (!shown.approvable.ok) return { ok: false, why: visible(shown.approvable.why).text };
  if (!complete) return { ok: false, why: 'This view cannot show the whole action.' };
  if (digestOf(shown) !== shown.rendered_digest)
    return { ok: false, why: 'What was received is not what its digest names. Do not trust this view.' };
  return { ok: true };
}

/** What is done first, who and what for last: the same members, so the same action and the same pointers. */
function inReadingOrder(action: JsonObject): JsonObject {
  const context = action['context'];
  const ordered = first(action, ['action', 'resource', 'context', 'subject', 'act']);
  if (!isJsonObject(context)) return ordered;
  return { ...ordered, context: first(context, ['arguments']) };
}

/** Entries, not assignments: a member called `__proto__` stays a member (A6). */
function first(object: JsonObject, names: readonly string[]): JsonObject {
  const rank = (name: string): number => (names.includes(name) ? names.indexOf(name) : names.length);
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => rank(a) - rank(b)));
}

function byPointer({ redactions }: Shown): ReadonlyMap<string, readonly Redaction[]> {
  return Map.groupBy(redactions, ({ pointer }) => pointer);
}

/** SHA-256 of the canonical form of what is drawn: the action as shown, and what is hidden in it. */
function digestOf({ shown_action, redactions }: Shown): string {
  const drawn = { shown_action, redactions } as unknown as Json;
  return `sha256:${encodeHex(sha256(canonicalBytes(drawn)))}`;
}
