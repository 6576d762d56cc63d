/**
 * Makes previews and tells of them: once by itself when a request is opened, and again when somebody who may review it
 * asks. Nothing waits for it: it listens for what was opened, takes a few at a time, and whatever goes wrong is a
 * sentence on the page. It must never decide anything, nor hand what was read to an agent.
 */
import type { Preview } from '@countersign/sdk';
import type { Deps } from '../deps.ts';
import { loadRequest } from '../requests/load.ts';
import type { ChangeOutcome } from '../requests/requests.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import { Line } from './line.ts';
import { type Made, make, type Wanted } from './make.ts';
import { Glances, type Planning, type PreviewParts, planOf } from './planning.ts';
import { recoverPreviews } from './record.ts';
import { previewsOf, ROUNDS_MAX, type StoredPreview } from './stored.ts';
import { STALE_MS, stateOf } from './view.ts';
import { notTheirs, viewingOf, withheld } from './viewers.ts';

/** Between one preview of a request and the next. */
const AGAIN_AFTER_MS = 2_000;
/** Why the newest try of a request was refused, where nothing was recorded; beyond it the oldest are forgotten. */
const REFUSED_MAX = 1_000;
/** Found waiting at a start. */
const FOUND_MAX = 200;

export type Previews = {
  /** As one person sees it. Undefined: nobody said how to make one. */
  of(stored: StoredRequest, viewer: string): Promise<Preview | undefined>;
  again(request_id: string, by: string): Promise<ChangeOutcome>;
};

export type PreviewService = Previews & {
  /** Ends what an earlier process left, and listens from then on. */
  start(): Promise<void>;
  close(): Promise<void>;
};

export function createPreviews({ deps, door, previewers, meter }: PreviewParts): PreviewService {
  const refused = new Map<string, string>();
  const refuse = (request_id: string, why: string): void => remember(refused, request_id, why);
  const count = counting(meter);
  const glances = new Glances();
  const closing = new AbortController();
  const parts = { deps, door, previewers, refuse, closed: closing.signal };
  const line = new Line<Wanted>({
    run: async (wanted) => count.ended(wanted, await make(parts, wanted)),
    failed: (wanted, error) => {
      count.ended(wanted, 'failed');
      refuse(wanted.request_id, 'the gateway could not make it');
      deps.log.error({ request_id: wanted.request_id, error: String(error) }, 'a preview failed');
    },
    done: ({ request_id }) =>
      void tell(deps, request_id).catch((error: unknown) =>
        deps.log.warn({ request_id, error: String(error) }, 'nobody was told of a preview'),
      ),
  });
  let unsubscribe = (): void => undefined;
  const want = (request_id: string, agent: string, by?: string): boolean => {
    const what = { request_id, by, wanted_at: performance.now() };
    const taken = count.asked(by, line.take({ key: request_id, holder: agent, what }));
    if (!taken) refuse(request_id, 'too many were wanted at once');
    else refused.delete(request_id);
    return taken;
  };

  /** Just opened: nobody knows yet whether there is anything to read. Or something was said of it, and there is one. */
  const looking = new Set<string>();
  const isMaking: IsMaking = (id, made) => line.has(id) || (made.length === 0 && looking.has(id));
  const opened = async (request_id: string): Promise<void> => {
    if (refused.has(request_id)) return;
    const stored = await loadRequest(deps.store, request_id);
    if (stored === undefined || line.has(request_id)) return;
    if ((await previewsOf(deps.store, request_id)).length > 0) return;
    const planned = await planOf({ deps, previewers }, stored);
    if (planned?.kind === 'plan') want(request_id, stored.request.principal.agent);
  };

  return {
    async start() {
      await recoverPreviews(deps);
      if (!previewers().some((each) => each.any)) return;
      unsubscribe = deps.bus.subscribe(({ request_id, status }) => {
        if (status !== 'pending' || line.has(request_id)) return;
        looking.add(request_id);
        opened(request_id)
          .catch((error: unknown) =>
            deps.log.error({ request_id, error: String(error) }, 'a preview could not be looked for'),
          )
          .finally(() => looking.delete(request_id));
      });
      for (const id of await withoutPreview(deps)) await opened(id);
    },
    async of(stored, viewer) {
      const planned = await glances.of({ deps, previewers }, stored);
      const made = await previewsOf(deps.store, stored.request.id);
      const making = isMaking(stored.request.id, made);
      const state = await stateOf(deps, { stored, planned, made, refused, making });
      if (state === undefined) return undefined;
      const { not_theirs, sees } = await viewingOf(deps, stored, viewer);
      const again =
        not_theirs === undefined &&
        state.state !== 'making' &&
        planned.kind === 'plan' &&
        stored.request.status === 'pending' &&
        whyNever(made) === undefined;
      return { ...(sees ? state : withheld(state)), again };
    },
    async again(request_id, by) {
      const asked = await askedAgain({ deps, previewers, isMaking }, request_id, by);
      if ('kind' in asked) return asked;
      if (!want(request_id, asked.agent, by))
        return no('wrong_state', 'Too many previews are wanted at once; ask again in a moment.');
      deps.bus.publish({ request_id, status: 'pending', at: deps.now() });
      return { kind: 'done' };
    },
    async close() {
      unsubscribe();
      closing.abort();
      await line.close();
    },
  };
}

const counting = (meter: PreviewParts['meter']) => ({
  asked(by: string | undefined, taken: boolean): boolean {
    meter?.count('countersign_previews_asked_total', { by: by === undefined ? 'gateway' : 'reviewer' });
    if (!taken) meter?.count('countersign_previews_total', { outcome: 'refused' });
    return taken;
  },
  /** `outcome` undefined: there was nothing to read any more. */
  ended({ wanted_at }: Wanted, outcome: Made): void {
    if (outcome === undefined) return;
    meter?.count('countersign_previews_total', { outcome });
    meter?.observe('countersign_preview_seconds', (performance.now() - wanted_at) / 1000, { outcome });
  },
});

/** Whoever looks at the request looks again. What is over has been told already. */
async function tell({ store, bus, now }: Deps, request_id: string): Promise<void> {
  const stored = await loadRequest(store, request_id);
  if (stored?.request.status === 'pending') bus.publish({ request_id, status: 'pending', at: now() });
}

function remember(refused: Map<string, string>, request_id: string, why: string): void {
  refused.delete(request_id);
  refused.set(request_id, why);
  const [oldest] = refused.keys();
  if (refused.size > REFUSED_MAX && oldest !== undefined) refused.delete(oldest);
}

async function withoutPreview({ store, now }: Deps): Promise<readonly string[]> {
  const rows = await store.read({
    sql: `SELECT r.id AS id FROM requests r WHERE r.status = 'pending' AND r.expires_at > $1
             AND NOT EXISTS (SELECT 1 FROM previews p WHERE p.request_id = r.id) ORDER BY r.expires_at LIMIT ${FOUND_MAX}`,
    params: [now()],
  });
  return rows.map((row) => String(row['id']));
}

const no = (why: 'unknown' | 'wrong_state' | 'not_allowed', message: string): ChangeOutcome => ({
  kind: 'refused',
  why,
  message,
});

type IsMaking = (request_id: string, made: readonly StoredPreview[]) => boolean;
type Asking = Planning & { readonly isMaking: IsMaking };

/** For which agent, or why not. */
async function askedAgain(
  { deps, previewers, isMaking }: Asking,
  request_id: string,
  by: string,
): Promise<ChangeOutcome | { readonly agent: string }> {
  const stored = await loadRequest(deps.store, request_id);
  if (stored === undefined) return no('unknown', 'There is no such request.');
  const { not_theirs } = await viewingOf(deps, stored, by);
  if (not_theirs !== undefined) return no('not_allowed', notTheirs(not_theirs));
  const { status, principal } = stored.request;
  if (status !== 'pending') return no('wrong_state', `The request is already ${status}.`);
  const planned = await planOf({ deps, previewers }, stored);
  if (planned === undefined)
    return no('wrong_state', 'Nobody has said how to preview this; see previews of the upstream.');
  if (planned.kind === 'impossible') return no('wrong_state', `There can be no preview: ${planned.why}.`);
  const made = await previewsOf(deps.store, request_id);
  if (isMaking(request_id, made)) return no('wrong_state', 'A preview is being made already.');
  const wait = whyNotAgain(made, deps.now());
  return wait === undefined ? { agent: principal.agent } : no('wrong_state', wait);
}

const whyNever = ([newest]: readonly StoredPreview[]): string | undefined =>
  newest !== undefined && newest.round >= ROUNDS_MAX
    ? `It was looked at ${ROUNDS_MAX} times; that is the most.`
    : undefined;

function whyNotAgain(made: readonly StoredPreview[], now: number): string | undefined {
  const [newest] = made;
  const never = whyNever(made);
  if (newest === undefined || never !== undefined) return never;
  if (newest.status === 'started' && now - newest.started_at < STALE_MS)
    return 'A preview is being made already.';
  return now - newest.started_at < AGAIN_AFTER_MS
    ? 'It was looked at a moment ago; ask again in a few seconds.'
    : undefined;
}
