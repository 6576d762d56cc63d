/**
 * What agents did, to look through: every call, allowed, held or denied, and how it ended. This is the port the API is
 * handed. All of it is derived from the log and the stored payloads after the fact; nothing is decided here, nothing here
 * is ever asked by what decides, and what it shows has its secrets out (I7).
 */
import type {
  CallDetail,
  CallFilter,
  CallPage,
  Insights,
  RequestHistory,
  Today,
  TrailDetail,
  TrailFilter,
  TrailPage,
} from '@countersign/sdk';
import type { Deps } from '../deps.ts';
import { before } from './before.ts';
import { showCall } from './calls/detail.ts';
import { listCalls } from './calls/list.ts';
import { startFollower } from './follow.ts';
import { insightsOf } from './insights/insights.ts';
import type { Naming, Span } from './insights/span.ts';
import { createSearches, type Searches } from './searches.ts';
import { todayOf } from './today.ts';
import { listTrails } from './trails/list.ts';
import { showTrail } from './trails/steps.ts';

export type Page = { readonly limit: number; readonly cursor?: string };

export type History = {
  calls(filter: CallFilter, page: Page): Promise<CallPage>;
  call(id: string, viewer: string): Promise<CallDetail | undefined>;
  trails(filter: TrailFilter, page: Page): Promise<TrailPage>;
  trail(id: string, viewer: string, page: Page): Promise<TrailDetail | undefined>;
  /** Earlier calls like the one a request was held for; undefined: no such request. */
  before(request_id: string): Promise<RequestHistory | undefined>;
  /** What happened since a moment, for one person. */
  today(person: string, since: number): Promise<Omit<Today, 'waiting'>>;
  /** What it adds up to; of people, it names those that `naming` lets it. */
  insights(span: Span, naming: Naming): Promise<Insights>;
};

export type Looking = {
  readonly history: History;
  readonly searches: Searches;
  readonly close: () => Promise<void>;
};

export async function openHistory(deps: Deps): Promise<Looking> {
  const follower = await startFollower(deps);
  const { store } = deps;
  return {
    history: {
      calls: async (filter, page) => {
        const followed = await follower.catchUp();
        return { ...(await listCalls(store, filter, page)), followed };
      },
      call: async (id, viewer) => {
        const followed = await follower.catchUp();
        const found = await showCall(deps, id, viewer);
        return found === undefined ? undefined : { ...found, followed };
      },
      trails: async (filter, page) => {
        const followed = await follower.catchUp();
        return { ...(await listTrails(store, filter, page)), followed };
      },
      trail: async (id, viewer, page) => {
        const followed = await follower.catchUp();
        const found = await showTrail(deps, id, { viewer, page });
        return found === undefined ? undefined : { ...found, followed };
      },
      before: async (request_id) => {
        const followed = await follower.catchUp();
        const found = await before(store, request_id);
        return found === undefined ? undefined : { ...found, followed };
      },
      today: async (person, since) => {
        const followed = await follower.catchUp();
        return { ...(await todayOf(store, { person, since, now: deps.now() })), followed };
      },
      insights: async (span, naming) => {
        const followed = await follower.catchUp();
        return { ...(await insightsOf(store, span, naming)), followed };
      },
    },
    searches: createSearches(deps),
    close: follower.close,
  };
}
