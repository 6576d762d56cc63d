/** Access requests as people list, read, review and cancel them. Every vote passes `requests.review`, the one place that counts. */

import type { ReviewInput, ReviewResult } from '@countersign/sdk';
import type { Answer } from '../../requests/requests.ts';
import type { Person } from '../http/doors.ts';
import { Problem, problem } from '../http/problem.ts';
import type { Door } from '../http/route.ts';
import { Reply, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import { reviewChallenge, reviewChallengeInput } from '../schema/passkeys.ts';
import {
  erasure,
  reasonInput,
  requestDetail,
  requestQuery,
  requestSummary,
  reviewInput,
  reviewResult,
} from '../schema/requests.ts';
import { identified, nothing, pageOf } from '../schema/values.ts';
import { changed, refusedAnswers, refusedChange } from './change.ts';

const tag = 'requests';
const params = identified('req_');

export function requestRoutes(ports: ApiPorts, person: Door<Person>): readonly Route[] {
  return [
    list(ports, person),
    show(ports, person),
    review(ports, person),
    reviewChallengeOf(ports, person),
    reveal(ports, person),
    preview(ports, person),
    cancel(ports, person),
    erase(ports, person),
  ];
}

const list = ({ requests }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'listRequests',
      method: 'get',
      path: '/api/requests',
      summary: 'Access requests: pending ones most urgent first, others newest first',
      tag,
      door,
      query: requestQuery,
      answer: pageOf(requestSummary),
    },
    async ({ query: { limit, cursor, reviewable, ...filter }, caller }) =>
      requests.list(
        { ...filter, ...(reviewable === true ? { reviewable_by: caller.person.id } : {}) },
        { limit, ...(cursor === undefined ? {} : { cursor }) },
      ),
  );

const show = ({ requests }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'showRequest',
      method: 'get',
      path: '/api/requests/{id}',
      summary: 'One access request, with everything that would run',
      tag,
      door,
      params,
      answer: requestDetail,
    },
    async ({ params: { id }, caller }) => {
      const detail = await requests.show(id, caller.person.id);
      return detail ?? unknownRequest();
    },
  );

const unknownRequest = (): Problem =>
  problem('not_found', 'id: there is no access request with this id', { field: 'path.id' });

const review = (ports: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'reviewRequest',
      method: 'post',
      path: '/api/requests/{id}/reviews',
      summary: 'Approve or deny exactly the action that was shown',
      tag,
      door,
      params,
      body: reviewInput,
      answer: reviewResult,
      success: [201],
    },
    async ({ params: { id }, body, caller }) => {
      const answered = await answerRequest(ports, caller, { request_id: id, ...body });
      return answered instanceof Problem ? answered : new Reply(answered, 201);
    },
  );

type Answering = ReviewInput & { readonly request_id: string };

/** One answer of a signed-in person, wherever it stood in what they sent. */
export async function answerRequest(
  { requests, now }: Pick<ApiPorts, 'requests' | 'now'>,
  caller: Person,
  answer: Answering,
): Promise<ReviewResult | Problem> {
  const missing = answer.decision === 'approved' ? missingDigest(answer) : undefined;
  if (missing !== undefined) return missing;
  const outcome = await requests.review({
    ...answer,
    reviewer: caller.person.id,
    session: caller.id,
    proof: proofOf(caller, now()),
    channel: caller.kind === 'cli' ? 'cli' : 'api',
  });
  if (outcome.kind === 'refused') {
    const members = outcome.status === undefined ? {} : { members: { request_status: outcome.status } };
    return problem(refusedAnswers[outcome.why], outcome.message, members);
  }
  const { status, quorum, event_id } = outcome;
  return { status, quorum, event_id };
}

const reviewChallengeOf = ({ requests }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'askReviewSignature',
      method: 'post',
      path: '/api/requests/{id}/review-challenge',
      summary: 'What your passkey is to sign for exactly this answer; good once, for five minutes',
      tag,
      door,
      params,
      body: reviewChallengeInput,
      answer: reviewChallenge,
      keep: false,
    },
    async ({ params: { id }, body, caller }) => {
      const asked = await requests.askSignature({
        ...body,
        request_id: id,
        reviewer: caller.person.id,
        session: caller.id,
      });
      return asked.kind === 'asked' ? asked.challenge : problem(refusedAnswers[asked.why], asked.message);
    },
  );

/** How long somebody’s having shown who they are counts as recent, for rules that ask for it (`proof: recent`). */
export const RECENT_MS = 10 * 60_000;

/** A passkey's signature proves more, and is judged where it is taken. */
const proofOf = ({ authenticated_at }: Person, now: number): Answer['proof'] =>
  authenticated_at !== undefined && now - authenticated_at < RECENT_MS ? 'recent' : 'session';

function missingDigest(body: {
  readonly action_digest?: string;
  readonly rendered_digest?: string;
}): Problem | undefined {
  const field =
    body.action_digest === undefined
      ? 'action_digest'
      : body.rendered_digest === undefined
        ? 'rendered_digest'
        : undefined;
  if (field === undefined) return undefined;
  return problem('invalid_request', `body.${field}: an approval must name the ${field} it was shown with`, {
    field: `body.${field}`,
  });
}

const reveal = ({ requests }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'revealRequest',
      method: 'post',
      path: '/api/requests/{id}/reveal',
      summary: 'See what is redacted inside the action, on the record',
      tag,
      door,
      params,
      body: reasonInput,
      answer: nothing,
      success: [204],
    },
    async ({ params: { id }, body: { reason }, caller }) =>
      changed(await requests.reveal(id, caller.person.id, reason)),
  );

const preview = ({ requests }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'previewRequest',
      method: 'post',
      path: '/api/requests/{id}/preview',
      summary: 'Have what it would change looked at again, by a read of its upstream, on the record',
      tag,
      door,
      params,
      answer: nothing,
      success: [204],
    },
    async ({ params: { id }, caller }) => changed(await requests.previewAgain(id, caller.person.id)),
  );

const cancel = ({ requests }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'cancelRequest',
      method: 'post',
      path: '/api/requests/{id}/cancel',
      summary: 'Withdraw a pending request (its agent’s owner, or an operator)',
      tag,
      door,
      params,
      answer: nothing,
      success: [204],
    },
    async ({ params: { id }, caller }) => changed(await requests.cancel(id, caller.person.id)),
  );

const erase = ({ requests }: ApiPorts, door: Door<Person>): Route =>
  route(
    {
      id: 'eraseRequest',
      method: 'post',
      path: '/api/requests/{id}/erase',
      summary:
        'Take away for good the clear text of a request that is over (operators); the log keeps its digests',
      tag,
      door,
      params,
      body: reasonInput,
      answer: erasure,
    },
    async ({ params: { id }, body: { reason }, caller }) => {
      const outcome = await requests.erase(id, caller.person.id, reason);
      if (outcome.kind === 'refused') return refusedChange(outcome);
      const { at, by, event_id, already } = outcome;
      return { at, by, event_id, already };
    },
  );
