/** What a signed-in person is, and what signing in needs. */
import type { Directory, Person } from '@countersign/core';
import type { Store } from '../store/store.ts';

export type SessionKind = 'browser' | 'cli';
export type PersonSession = {
  readonly id: string;
  readonly kind: SessionKind;
  readonly person: Person;
  readonly created_at: number;
  readonly expires_at: number;
};
export type SignedIn = { readonly token: string; readonly session: PersonSession };

export type SessionsDeps = {
  readonly store: Store;
  readonly directory: () => Directory;
  readonly now: () => number;
};
