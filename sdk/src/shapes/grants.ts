/** What the people's API says about standing grants. Times are unix milliseconds. */

export type GrantStatus = 'active' | 'used' | 'expired' | 'revoked';

/** Calls of one tool through one upstream by one requester, whatever the arguments, until a time, for some uses. */
export type Grant = {
  readonly id: string;
  /** The request it was given with. */
  readonly request_id: string;
  readonly status: GrantStatus;
  readonly agent: string;
  readonly upstream: string;
  readonly action: string;
  readonly resource: string;
  readonly given_at: number;
  readonly given_until: number;
  readonly uses_given: number;
  readonly uses_left: number;
  /** A person, or `policy` where its reviews no longer sufficed. */
  readonly revoked_by?: string;
};
