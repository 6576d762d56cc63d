/** The people's side of the history: calls, trails, and what came before a request. Follows the log by a moment. */
import { segment } from './http.ts';
import type {
  CallDetail,
  CallFilter,
  CallPage,
  RequestHistory,
  TrailDetail,
  TrailFilter,
  TrailPage,
} from './shapes/calls.ts';
import type { Insights } from './shapes/insights.ts';
import type { Paging } from './shapes/requests.ts';

type Get = <T>(path: string, query?: object) => Promise<T>;

export const historyCalls = (get: Get) => ({
  calls: {
    /** What agents did, newest first. */
    list: (filter: CallFilter & Paging = {}) => get<CallPage>('/api/calls', filter),
    show: (id: string) => get<CallDetail>(`/api/calls/${segment(id)}`),
    /** Earlier calls like the one a request holds, and how they went. */
    before: (request_id: string) => get<RequestHistory>(`/api/requests/${segment(request_id)}/history`),
  },
  /** What the history adds up to; without times, over the last 30 days. */
  insights: (span: { readonly from?: number; readonly to?: number } = {}) =>
    get<Insights>('/api/insights', span),
  trails: {
    list: (filter: TrailFilter & Paging = {}) => get<TrailPage>('/api/trails', filter),
    show: (id: string, paging: Paging = {}) => get<TrailDetail>(`/api/trails/${segment(id)}`, paging),
  },
});
