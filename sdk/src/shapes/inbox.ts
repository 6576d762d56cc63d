/** Deciding several requests, what a day comes to, and what people look for again and again. */
import type { Quorum, RequestStatus } from '@countersign/core';
import type { Followed } from './calls.ts';
import type { ReviewInput } from './requests.ts';

/** Each item is an answer of its own, with the digests it was shown with; none depends on another. */
export type ReviewsInput = { readonly reviews: readonly (ReviewInput & { readonly request_id: string })[] };

export type ReviewsResult = {
  /** In the order they were sent. */
  readonly results: readonly (
    | {
        readonly request_id: string;
        readonly recorded: true;
        readonly status: RequestStatus;
        readonly quorum: Quorum;
        readonly event_id: string;
      }
    | {
        readonly request_id: string;
        readonly recorded: false;
        /** The last part of the problem's type, such as `already_resolved`. */
        readonly why: string;
        readonly message: string;
        readonly field?: string;
      }
  )[];
};

/** What happened since a moment, and what waits now. */
export type Today = {
  readonly since: number;
  readonly waiting: {
    readonly all: number;
    readonly for_me: number;
    /** There are more than were looked at for this person. */
    readonly more: boolean;
  };
  /** Of calls asked since then; `more`: there were more, of which the newest were counted. */
  readonly calls: {
    readonly allowed: number;
    readonly held: number;
    /** Refused by the policy. */
    readonly denied: number;
    /** Refused because their agent is paused, whatever the policy says. */
    readonly paused: number;
    /** Refused because people should have been asked and could not be: nobody may answer, or too much waits already. */
    readonly unasked: number;
    readonly more: boolean;
  };
  /** Of requests opened since then. */
  readonly requests: {
    readonly approved: number;
    readonly denied: number;
    readonly expired: number;
    readonly cancelled: number;
  };
  readonly median_ms?: number;
  /** Answers of the person who asks, since then. */
  readonly my_reviews: number;
  readonly followed: Followed;
};

export type SavedSearch = {
  readonly id: string;
  readonly name: string;
  /** Path and query of a view: `/history?agent=coder&outcome=failed`. */
  readonly query: string;
  readonly saved_at: number;
};
export type SavedSearchInput = { readonly name: string; readonly query: string };
