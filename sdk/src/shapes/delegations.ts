/** What the people's API says about delegations: who sits in for whom, until when. Times are unix milliseconds. */

export type DelegationStatus = 'scheduled' | 'active' | 'ended' | 'revoked';

export type Delegation = {
  readonly id: string;
  /** Whose seat it is, and who sits in it. Person ids. */
  readonly from: string;
  readonly to: string;
  readonly starts_at: number;
  readonly until: number;
  readonly given_at: number;
  readonly status: DelegationStatus;
  readonly revoked_by?: string;
  readonly revoked_at?: number;
};

/** The seat given is always the signed-in person's own. */
export type DelegationInput = {
  readonly to: string;
  readonly until: number;
  /** Default: now. */
  readonly starts_at?: number;
};
