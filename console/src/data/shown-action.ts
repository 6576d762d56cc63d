/**
 * The action of a request as this page draws it: core's own lines, and the digest of exactly what they are drawn from. An
 * approval names that digest, so nothing may be drawn from anything else, and nothing be approved that is not drawn whole
 * (I6, A4).
 */
import {
  canonicalBytes,
  encodeHex,
  isJsonObject,
  type Json,
  type JsonObject,
  type Rendering,
  renderJson,
  sha256,
  visible,
} from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';

type Shown = Pick<
  RequestDetail,
  'shown_action' | 'argument_order' | 'redactions' | 'rendered_digest' | 'approvable'
>;

/** As many as the gateway renders: what it calls complete, this page can draw. */
const LINES_MAX = 50_000;
const CHARS_MAX = 4_000_000;

/** SHA-256 of the canonical form of what is drawn. */
export function digestOfDrawn({
  shown_action,
  redactions,
}: Pick<Shown, 'shown_action' | 'redactions'>): string {
  const drawn = { shown_action, redactions } as unknown as Json;
  return `sha256:${encodeHex(sha256(canonicalBytes(drawn)))}`;
}

export type Drawn = {
  readonly rendering: Rendering;
  /** Why nobody can approve from this page; undefined when they can. */
  readonly blocked?: string;
};

export function drawAction(shown: Shown): Drawn {
  const rendering = renderJson(inReadingOrder(shown), {
    redactions: Map.groupBy(shown.redactions, ({ pointer }) => pointer),
    lines_max: LINES_MAX,
    chars_max: CHARS_MAX,
  });
  const blocked = blockedBy(shown, rendering);
  return { rendering, ...(blocked === undefined ? {} : { blocked }) };
}

function blockedBy(shown: Shown, { complete }: Rendering): string | undefined {
  // It may name an argument, as an agent called it (A3).
  if (!shown.approvable.ok) return visible(shown.approvable.why).text;
  if (!complete) return 'This page cannot show the whole action.';
  return digestOfDrawn(shown) === shown.rendered_digest
    ? undefined
    : 'What was received is not what its digest names. Do not trust this page; tell an operator.';
}

const ORDER = ['action', 'resource', 'context', 'subject', 'act'];

/** What is done first, who and where for last; arguments as the sentence names them: the same members, so the same action. */
function inReadingOrder({ shown_action, argument_order = [] }: Shown): JsonObject {
  const { context } = shown_action;
  const args = context !== undefined && isJsonObject(context) ? context['arguments'] : undefined;
  const inner =
    context !== undefined && isJsonObject(context) && args !== undefined && isJsonObject(args)
      ? { ...shown_action, context: { ...context, arguments: sorted(args, argument_order) } }
      : shown_action;
  return sorted(inner, ORDER);
}

function sorted(value: JsonObject, order: readonly string[]): JsonObject {
  const ranks = new Map(order.map((name, at) => [name, at]));
  const rank = (name: string): number => ranks.get(name) ?? order.length;
  // Entries, not assignments: a member called `__proto__` stays a member (A6).
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => rank(a) - rank(b)));
}
