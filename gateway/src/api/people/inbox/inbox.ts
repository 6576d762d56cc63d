/**
 * What waits for a person, decided one by one or several in one go, and what the day comes to. Several answers are several
 * reviews: each names its own digests, is judged and recorded by itself, and says by itself what became of it (I5, I6).
 */
import type { ReviewsInput, ReviewsResult } from '@countersign/sdk';
import type { Person } from '../../http/doors.ts';
import { PROBLEM_PREFIX, Problem, problem } from '../../http/problem.ts';
import { type Door, type Route, route } from '../../http/route.ts';
import type { ApiPorts } from '../../ports.ts';
import {
  inboxItem,
  inboxQuery,
  reviewsInput,
  reviewsResult,
  today,
  todayQuery,
} from '../../schema/history/inbox.ts';
import { pageOf } from '../../schema/values.ts';
import { answerRequest } from '../requests.ts';

const DAY_MS = 86_400_000;
/** Looked back at most: a day in any time zone, and one that is not over. */
const SINCE_MS_MAX = 2 * DAY_MS;

export const inboxRoutes = (ports: ApiPorts, door: Door<Person>): readonly Route[] => [
  list(ports, door),
  reviewMany(ports, door),
  day(ports, door),
];

const list = ({ requests }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'inbox',
      method: 'get',
      path: '/api/inbox',
      summary: 'Pending requests as you see them: whether you may answer, or why not; most urgent first',
      tag: 'requests',
      door,
      query: inboxQuery,
      answer: pageOf(inboxItem),
    },
    async ({ query: { limit, cursor, for_me }, caller }) =>
      requests.inbox(caller.person.id, for_me === undefined ? {} : { for_me }, {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      }),
  );

const reviewMany = (ports: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'reviewRequests',
      method: 'post',
      path: '/api/reviews',
      summary: 'Answer several requests, each by itself: one that is refused stops no other',
      tag: 'requests',
      door,
      body: reviewsInput,
      answer: reviewsResult,
    },
    async ({ body: { reviews }, caller }) => {
      const twice = repeated(reviews);
      if (twice !== undefined) return twice;
      const results: ReviewsResult['results'][number][] = [];
      // One after the other, in their order: each is a commit, and each may be what the next depends on.
      for (const review of reviews) {
        const { request_id } = review;
        const answered = await answerRequest(ports, caller, review);
        results.push(
          answered instanceof Problem
            ? { request_id, recorded: false, ...refusalOf(answered) }
            : { request_id, recorded: true, ...answered },
        );
      }
      return { results };
    },
  );

/** Two answers to one request in one go: whoever sends that does not know what they send. */
function repeated(reviews: ReviewsInput['reviews']): Problem | undefined {
  const ids = reviews.map(({ request_id }) => request_id);
  const at = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (at === -1) return undefined;
  const field = `body.reviews.${at}.request_id`;
  return problem('invalid_request', `${field}: answered twice in one go; answer each request once`, {
    field,
  });
}

function refusalOf({ type, detail, extras }: Problem) {
  const why = type.slice(PROBLEM_PREFIX.length);
  return { why, message: detail, ...(extras.field === undefined ? {} : { field: extras.field }) };
}

const day = ({ requests, history, now }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'today',
      method: 'get',
      path: '/api/today',
      summary: 'What waits now, and what happened since a moment: by default a day ago, at most two',
      tag: 'requests',
      door,
      query: todayQuery,
      answer: today,
    },
    async ({ query, caller }) => {
      const since = query.since ?? now() - DAY_MS;
      if (now() - since > SINCE_MS_MAX)
        return problem('invalid_request', 'query.since: at most two days ago', { field: 'query.since' });
      const { id } = caller.person;
      const [waiting, happened] = await Promise.all([requests.waiting(id), history.today(id, since)]);
      return { ...happened, waiting };
    },
  );
