/**
 * What a reviewer is shown, made from the canonical bytes and nothing else (I6). The digest of the rendering is what an
 * approval names. Anything redacted inside a string, or not shown in full, makes the view one nobody can approve from:
 * the gateway cannot know how an upstream reads a string, so every string counts as interpreted text.
 */
import {
  canonicalBytes,
  encodeHex,
  entitlement,
  glassEligibility,
  hideRedacted,
  type Json,
  type JsonObject,
  type Redactions,
  renderJson,
  sha256,
} from '@countersign/core';
import type { ShownRedaction } from '@countersign/sdk';
import type { Deps } from '../../deps.ts';
import { readStoredAction } from '../../payloads.ts';
import { loadCase } from '../case.ts';
import type { StoredRequest } from './row.ts';

export type Rendered = {
  readonly shown_action: JsonObject;
  readonly redactions: readonly ShownRedaction[];
  readonly findings_total: number;
  readonly rendered_digest: string;
  readonly approvable: { readonly ok: true } | { readonly ok: false; readonly why: string };
  readonly revealed: boolean;
};

/** Undefined when the action's payload was erased. */
export async function renderForReview(
  deps: Deps,
  stored: StoredRequest,
  viewer: string,
): Promise<Rendered | undefined> {
  const stands = await readStoredAction(deps.store, stored.about);
  if (stands === undefined) return undefined;
  const action = stands as unknown as JsonObject;
  const revealed =
    (await wasRevealed(deps, stored.request.id, viewer)) && (await mayStillSee(deps, stored, viewer));
  const redactions = revealed ? NOTHING_HIDDEN : await deps.masking.redactionsApart(action, viewer);
  return renderAction(action, redactions, revealed);
}

const NOTHING_HIDDEN: Redactions = new Map();

export function renderAction(action: JsonObject, redacted: Redactions, revealed: boolean): Rendered {
  const { value, redactions: hidden } = hideRedacted(action, redacted);
  const shown_action = value as JsonObject;
  const rendering = renderJson(shown_action, {
    redactions: hidden,
    lines_max: LINES_MAX,
    chars_max: CHARACTERS_MAX,
  });
  const redactions = [...hidden].flatMap(([pointer, list]) =>
    list.map((redaction) => ({ ...redaction, pointer })),
  );
  const shown = { shown_action, redactions } as unknown as Json;
  return {
    shown_action,
    redactions,
    findings_total: rendering.findings_total,
    rendered_digest: `sha256:${encodeHex(sha256(canonicalBytes(shown)))}`,
    approvable: approvableOf(rendering),
    revealed,
  };
}

const LINES_MAX = 50_000;
const CHARACTERS_MAX = 4_000_000;

function approvableOf({
  complete,
  partly_redacted,
}: {
  complete: boolean;
  partly_redacted: readonly string[];
}): Rendered['approvable'] {
  if (!complete)
    return {
      ok: false,
      why: 'This action is too large to show in full, so it cannot be approved. Deny it, or ask for smaller steps.',
    };
  if (partly_redacted.length === 0) return { ok: true };
  return {
    ok: false,
    why: `Part of a text is hidden (${partly_redacted.join(', ')}), so nobody can say what it does. Reveal it first; that is logged.`,
  };
}

/** Who revealed it and may no longer review it no longer sees it. */
async function mayStillSee(deps: Deps, stored: StoredRequest, viewer: string): Promise<boolean> {
  const authority = deps.authority.current();
  const person = authority.directory.person(viewer);
  if (person === undefined) return false;
  const theCase = await loadCase(deps, stored, { authority });
  return entitlement(person, theCase).eligible || glassEligibility(person, theCase).eligible;
}

/** A reveal is an entry in the log before it is a view. */
async function wasRevealed(deps: Deps, request_id: string, viewer: string): Promise<boolean> {
  const found = await deps.store.read({
    sql: "SELECT 1 FROM entries WHERE request_id = $1 AND kind = 'redaction' AND reviewer = $2 LIMIT 1",
    params: [request_id, viewer],
  });
  return found.length > 0;
}
