/** Makes one preview: planned anew, permitted, read, blanked, and its end recorded. Whatever goes wrong ends it in words. */
import { isJsonArray, isJsonObject, type Json } from '@countersign/core';
import type { Deps } from '../deps.ts';
import { loadRequest } from '../requests/load.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import { bodyOf, saidOf } from './body.ts';
import { type PreviewDoor, type PreviewParts, planOf } from './planning.ts';
import type { PreviewPlan, PreviewRead } from './previewer.ts';
import type { Ending } from './record.ts';
import { previewsOf, ROUNDS_MAX } from './stored.ts';

const ATTEMPTS_MAX = 3;

export type Wanted = {
  readonly request_id: string;
  readonly by: string | undefined;
  /** By the clock of this process, to tell how long it took. */
  readonly wanted_at: number;
};

/** Undefined: by now there was nothing to read. */
export type Made = Ending['status'] | 'refused' | undefined;

export type Making = PreviewParts & {
  /** Nothing was recorded, so nobody else will say why. */
  refuse(request_id: string, why: string): void;
  readonly closed: AbortSignal;
};

export async function make(making: Making, { request_id, by }: Wanted): Promise<Made> {
  const { deps, refuse } = making;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const stored = await loadRequest(deps.store, request_id);
    if (stored?.request.status !== 'pending') return undefined;
    const planned = await planOf(making, stored);
    if (planned?.kind !== 'plan') return undefined;
    const [newest] = await previewsOf(deps.store, request_id);
    // The gateway looks once by itself; somebody else may have been quicker.
    if (by === undefined && newest !== undefined) return undefined;
    const round = (newest?.round ?? 0) + 1;
    if (round > ROUNDS_MAX) return undefined;
    const verdict = await making.door({ stored, plan: planned, round, by });
    if (verdict.kind === 'again') {
      await deps.authority.catchUp();
      continue;
    }
    if (verdict.kind === 'permitted') return readIt(making, { stored, plan: planned, verdict });
    refuse(request_id, verdict.why);
    return 'refused';
  }
  refuse(request_id, 'policy, people or tools kept changing meanwhile');
  return 'refused';
}

type Permitted = Extract<Awaited<ReturnType<PreviewDoor>>, { kind: 'permitted' }>;
type Reading = { readonly stored: StoredRequest; readonly plan: PreviewPlan; readonly verdict: Permitted };

async function readIt(
  { deps, closed }: Making,
  { stored, plan, verdict }: Reading,
): Promise<Ending['status']> {
  const over = AbortSignal.any([closed, AbortSignal.timeout(plan.within_ms)]);
  const read = await plan.read(verdict.permit, over);
  const holder = `preview:${stored.request.principal.agent}`;
  const ending = await endingOf(deps, { read, plan, holder, obligations: verdict.obligations });
  await verdict.end(ending);
  return ending.status;
}

type Answered = {
  readonly read: PreviewRead;
  readonly plan: PreviewPlan;
  readonly holder: string;
  readonly obligations: Permitted['obligations'];
};

async function endingOf({ masking }: Deps, { read, plan, holder, obligations }: Answered): Promise<Ending> {
  if (read.kind === 'failed' && !isMissing(plan, read)) {
    const said =
      read.said === undefined ? undefined : await saidOf(masking, read.said, { obligations, holder });
    const status = read.sent && read.said === undefined ? 'unknown' : 'failed';
    return {
      status,
      why: read.why,
      ...(said === undefined ? {} : { kept: { dry_run: plan.dry_run, said } }),
    };
  }
  const made = await bodyOf(masking, {
    plan,
    text: read.kind === 'read' ? read.text : '',
    obligations,
    holder,
  });
  return made.kind === 'made' ? { status: 'shown', kept: made.kept } : { status: 'failed', why: made.why };
}

/**
 * The reader said so itself, in the words the operator knows it by. Errors say back what they are about: where the call
 * has these words in it, the agent may have put them there, so that what is there passes for nothing (A4).
 */
const isMissing = (
  { show, missing, evaluation }: PreviewPlan,
  { said }: Extract<PreviewRead, { kind: 'failed' }>,
): boolean =>
  show === 'diff' &&
  missing !== undefined &&
  said?.includes(missing) === true &&
  !hasWords(evaluation.context['arguments'] ?? {}, missing.toLowerCase());

function hasWords(value: Json, words: string): boolean {
  if (typeof value === 'string') return value.toLowerCase().includes(words);
  if (isJsonArray(value)) return value.some((each) => hasWords(each, words));
  return isJsonObject(value) && Object.values(value).some((each) => hasWords(each, words));
}
