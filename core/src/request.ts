/**
 * The life of an access request: `pending`, then exactly one of five terminal states, forever (I5). A transition's
 * parameter type is its only legal source state; the store checks again by compare-and-swap.
 */
import type { Risk } from './decision.ts';
import type { Principal } from './evaluation.ts';
import type { Requirement } from './requirement.ts';

type Opened = {
  readonly id: string;
  readonly principal: Principal;
  readonly upstream: string;
  readonly action_digest: string;
  readonly requirement: Requirement;
  readonly risk: Risk;
  /** Unix milliseconds. */
  readonly opened_at: number;
  readonly expires_at: number;
};
type Resolved = { readonly resolved_at: number };

export type Pending = Opened & { readonly status: 'pending' };
export type Approved = Opened & Resolved & { readonly status: 'approved'; readonly approval_id: string };
export type Denied = Opened & Resolved & { readonly status: 'denied'; readonly denied_by: string };
export type Expired = Opened & Resolved & { readonly status: 'expired' };
export type Cancelled = Opened & Resolved & { readonly status: 'cancelled'; readonly cancelled_by: string };
export type Failed = Opened & Resolved & { readonly status: 'failed'; readonly failure: string };
export type AccessRequest = Pending | Approved | Denied | Expired | Cancelled | Failed;
export type RequestStatus = AccessRequest['status'];

export const REQUEST_STATUSES = ['pending', 'approved', 'denied', 'expired', 'cancelled', 'failed'] as const;

/** What a person may do with a request, by its state. Buttons, CLI verbs and the API read this one table. */
export const REQUEST_ACTIONS: {
  readonly [S in RequestStatus]: readonly ('approve' | 'deny' | 'cancel' | 'revoke')[];
} = {
  pending: ['approve', 'deny', 'cancel'],
  approved: ['revoke'],
  denied: [],
  expired: [],
  cancelled: [],
  failed: [],
};

export const isOpen = (request: AccessRequest): request is Pending => request.status === 'pending';

/** Whether a pending request's time is up at `now`. Silence is no (I14). */
export const isOverdue = (request: Pending, now: number): boolean => now >= request.expires_at;

export function approve(request: Pending, approval_id: string, now: number): Approved {
  return { ...request, status: 'approved', approval_id, resolved_at: now };
}
export function deny(request: Pending, denied_by: string, now: number): Denied {
  return { ...request, status: 'denied', denied_by, resolved_at: now };
}
export function expire(request: Pending, now: number): Expired {
  return { ...request, status: 'expired', resolved_at: now };
}
export function cancel(request: Pending, cancelled_by: string, now: number): Cancelled {
  return { ...request, status: 'cancelled', cancelled_by, resolved_at: now };
}
export function fail(request: Pending, failure: string, now: number): Failed {
  return { ...request, status: 'failed', failure, resolved_at: now };
}
