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
import type { Today } from './shapes/inbox.ts';
import type { Insights } from './shapes/insights.ts';
import type { InboxItem, Page, Paging } from './shapes/requests.ts';

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
  /** What waits and what happened since a moment; without one, since a day ago. */
  today: (of: { readonly since?: number } = {}) => get<Today>('/api/today', of),
  /** Pending requests as you see them: whether you may answer, or why not. */
  inbox: (filter: { readonly for_me?: boolean } & Paging = {}) => get<Page<InboxItem>>('/api/inbox', filter),
  trails: {
    list: (filter: TrailFilter & Paging = {}) => get<TrailPage>('/api/trails', filter),
    show: (id: string, paging: Paging = {}) => get<TrailDetail>(`/api/trails/${segment(id)}`, paging),
  },
});
