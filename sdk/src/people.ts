/** The people's side: read, decide, look up. Every method is one operation of the API; see /openapi.json. */
import type { JsonObject, RequestStatus } from '@countersign/core';
import { channelCalls } from './channels.ts';
import { type LiveEvent, type WatchOptions, watch } from './events.ts';
import { historyCalls } from './history.ts';
import { type Http, segment } from './http.ts';
import { policyCalls } from './policy.ts';
import type { Delegation, DelegationInput } from './shapes/delegations.ts';
import type {
  AcceptInput,
  Account,
  AccountInput,
  Agent,
  BeginSignInInput,
  BegunSignIn,
  EndedSessions,
  LinkHolder,
  Me,
  PausedAgent,
  Reviewer,
  Session,
  SignedOut,
  SignInInput,
  SignInLink,
  SignInProvider,
  SignInResult,
  Tool,
  ToolDiff,
  Upstream,
} from './shapes/directory.ts';
import type { BreakGlassInput, BrokenGlass, CloseGlassInput, GlassFilter } from './shapes/glass/broken.ts';
import type { Grant } from './shapes/grants.ts';
import type { ReviewsInput, ReviewsResult, SavedSearch, SavedSearchInput } from './shapes/inbox.ts';
import type { LogEntry, LogEntryDetail, LogFilter, LoggedCheckpoint } from './shapes/log.ts';
import type { HeldChange, Operators, OperatorsInput } from './shapes/operators.ts';
import type {
  EnrolInput,
  EnrolOptions,
  Passkey,
  ReviewChallenge,
  ReviewChallengeInput,
} from './shapes/passkeys.ts';
import type { AgentPolicy, PersonPolicy } from './shapes/policy/powers.ts';
import type {
  Approval,
  Erasure,
  Page,
  Paging,
  RequestDetail,
  RequestFilter,
  RequestSummary,
  ReviewInput,
  ReviewResult,
} from './shapes/requests.ts';
import { webhookCalls } from './webhooks.ts';

/** Repeating a change with the same key repeats the answer, never the change. */
export type Once = { readonly idempotency_key?: string };

export type People = ReturnType<typeof createPeople>;

export function createPeople(http: Http) {
  const get = <T>(path: string, query?: object): Promise<T> =>
    http.json<T>(path, query === undefined ? {} : { query });
  const post = <T>(path: string, body?: unknown, once: Once = {}): Promise<T> =>
    http.json<T>(path, {
      method: 'POST',
      ...(body === undefined ? {} : { body }),
      headers: once.idempotency_key === undefined ? {} : { 'idempotency-key': once.idempotency_key },
    });
  return {
    ...sessionCalls(http, { get, post }),
    requests: {
      list: (filter: RequestFilter & Paging = {}) => get<Page<RequestSummary>>('/api/requests', filter),
      show: (id: string) => get<RequestDetail>(`/api/requests/${segment(id)}`),
      review: (id: string, answer: ReviewInput, once?: Once) =>
        post<ReviewResult>(`/api/requests/${segment(id)}/reviews`, answer, once),
      /** Each answer by itself: one that is refused stops no other. */
      reviewMany: (input: ReviewsInput, once?: Once) => post<ReviewsResult>('/api/reviews', input, once),
      /** What the person's passkey is to sign for exactly this answer; `review` then takes what it gave. */
      askSignature: (id: string, answer: ReviewChallengeInput) =>
        post<ReviewChallenge>(`/api/requests/${segment(id)}/review-challenge`, answer),
      /** Shows what is redacted inside the action from now on; the reason goes on the record. */
      /** Has what it would change looked at again; the request then has another preview to show. */
      preview: (id: string) => post<void>(`/api/requests/${segment(id)}/preview`),
      reveal: (id: string, reason: string) => post<void>(`/api/requests/${segment(id)}/reveal`, { reason }),
      cancel: (id: string, once?: Once) => post<void>(`/api/requests/${segment(id)}/cancel`, undefined, once),
      /** For good, and only of a request that is over. Erasing it again answers when and by whom it was. */
      erase: (id: string, reason: string, once?: Once) =>
        post<Erasure>(`/api/requests/${segment(id)}/erase`, { reason }, once),
      watch: (options?: WatchOptions): AsyncGenerator<LiveEvent, void> => watch(http, options),
    },
    ...historyCalls(get),
    searches: searchCalls(http, { get, post }),
    approvals: {
      list: (filter: { readonly active?: boolean } & Paging = {}) =>
        get<Page<Approval>>('/api/approvals', filter),
      revoke: (id: string, reason: string, once?: Once) =>
        post<void>(`/api/approvals/${segment(id)}/revoke`, { reason }, once),
    },
    grants: {
      list: (filter: { readonly active?: boolean } & Paging = {}) => get<Page<Grant>>('/api/grants', filter),
      revoke: (id: string, reason: string, once?: Once) =>
        post<void>(`/api/grants/${segment(id)}/revoke`, { reason }, once),
    },
    breakGlass: {
      list: (filter: GlassFilter & Paging = {}) => get<Page<BrokenGlass>>('/api/break-glass', filter),
      show: (id: string) => get<BrokenGlass>(`/api/break-glass/${segment(id)}`),
      /** Of a request. Sign first what `requests.askSignature` gives for the decision `break-glass` and this reason. */
      break: (request_id: string, input: BreakGlassInput, once?: Once) =>
        post<BrokenGlass>(`/api/requests/${segment(request_id)}/break-glass`, input, once),
      acknowledge: (id: string) => post<void>(`/api/break-glass/${segment(id)}/acknowledge`),
      /** The review afterwards, by somebody else than whoever broke it. */
      close: (id: string, input: CloseGlassInput, once?: Once) =>
        post<BrokenGlass>(`/api/break-glass/${segment(id)}/close`, input, once),
    },
    delegations: {
      list: (filter: { readonly active?: boolean } & Paging = {}) =>
        get<Page<Delegation>>('/api/delegations', filter),
      /** Your own seat, for a time. */
      give: (input: DelegationInput, once?: Once) => post<Delegation>('/api/delegations', input, once),
      revoke: (id: string, once?: Once) =>
        post<void>(`/api/delegations/${segment(id)}/revoke`, undefined, once),
    },
    agents: agentCalls({ get, post }),
    reviewers: {
      list: () => get<Page<Reviewer>>('/api/reviewers'),
      policy: (id: string) => get<PersonPolicy>(`/api/reviewers/${segment(id)}/policy`),
      /**
       * People a provider made known; those of the configuration are changed there. Inactive: at once, with their sessions
       * and what they reviewed. Active again: held where other operators must agree.
       */
      setActive: (id: string, active: boolean) =>
        post<HeldChange | undefined>(`/api/reviewers/${segment(id)}/${active ? 'activate' : 'deactivate'}`),
      /** Ends every session of a person. */
      signOut: (id: string) => post<EndedSessions>(`/api/reviewers/${segment(id)}/sign-out`),
    },
    accounts: accountCalls({ get, post }),
    upstreams: { list: () => get<Page<Upstream>>('/api/upstreams') },
    policy: policyCalls({ get, post }),
    tools: toolCalls({ get, post }),
    operators: {
      show: () => get<Operators>('/api/operators'),
      /** Answers the request the others are asked in, if any. */
      need: (input: OperatorsInput) => post<HeldChange | undefined>('/api/operators', input),
    },
    passkeys: passkeyCalls({ get, post }),
    channels: channelCalls({ get, post }),
    webhooks: webhookCalls({ get, post }),
    log: logCalls(http, get),
  };
}

type Calls = {
  readonly get: <T>(path: string, query?: object) => Promise<T>;
  readonly post: <T>(path: string, body?: unknown) => Promise<T>;
};

const accountCalls = ({ get, post }: Calls) => ({
  /** Your own; of others, for operators and auditors. */
  list: (filter: { readonly person?: string } & Paging = {}) => get<Page<Account>>('/api/accounts', filter),
  /** Yours, or for operators anybody's. Answers the request others are asked in, if any. */
  link: (person: string, input: AccountInput) =>
    post<HeldChange | undefined>(`/api/reviewers/${segment(person)}/accounts`, input),
  unlink: (person: string, input: AccountInput) =>
    post<HeldChange | undefined>(`/api/reviewers/${segment(person)}/accounts/unlink`, input),
});

function sessionCalls(http: Http, { get, post }: Calls) {
  return {
    async signIn(input: SignInInput): Promise<SignInResult> {
      const result = await post<SignInResult>('/api/sign-in', input);
      http.setCsrf(result.csrf);
      return result;
    },
    async me(): Promise<Me> {
      const me = await get<Me>('/api/me');
      http.setCsrf(me.csrf);
      return me;
    },
    /** The providers to sign in with, beside one-time links. */
    /** Whom a one-time link signs in, by `sha256:` and the hash of its code. */
    linkHolder: (digest: string) => get<LinkHolder>(`/api/sign-in/links/${segment(digest)}`),
    providers: () => get<Page<SignInProvider>>('/api/sign-in/providers'),
    /** Only from a page of the gateway's own: the browser then goes to `url`. */
    beginSignIn: (provider: string, input: BeginSignInInput) =>
      post<BegunSignIn>(`/api/sign-in/providers/${segment(provider)}`, input),
    signOut: () => post<SignedOut | undefined>('/api/sign-out'),
    /** Writes a one-time link to a file on the gateway's host; answers where. */
    writeSignInLink: (person: string) => post<SignInLink>('/api/sign-in-links', { person }),
    sessions: {
      /** Your own, or for operators another person's. */
      list: (of: { readonly person?: string } = {}) => get<Page<Session>>('/api/sessions', of),
      end: (id: string) => http.json<void>(`/api/sessions/${segment(id)}`, { method: 'DELETE' }),
    },
  };
}

function agentCalls({ get, post }: Calls) {
  const one = (id: string): string => `/api/agents/${segment(id)}`;
  return {
    list: () => get<Page<Agent>>('/api/agents'),
    /** What it may do, under the policy in force this moment. */
    policy: (id: string) => get<AgentPolicy>(`${one(id)}/policy`),
    /** Stops it at once and withdraws what it waits for. For its owner, reviewers and operators. */
    pause: (id: string, reason: string) => post<PausedAgent>(`${one(id)}/pause`, { reason }),
    /** For whoever paused it, and operators who do not answer for it. */
    resume: (id: string) => post<void>(`${one(id)}/resume`),
  };
}

function searchCalls(http: Http, { get, post }: Calls) {
  return {
    /** Your own, by name. */
    list: () => get<Page<SavedSearch>>('/api/searches'),
    /** Under a name you have, in its place. */
    save: (input: SavedSearchInput) => post<SavedSearch>('/api/searches', input),
    remove: (id: string) => http.json<void>(`/api/searches/${segment(id)}`, { method: 'DELETE' }),
  };
}

function toolCalls({ get, post }: Calls) {
  return {
    list: () => get<Page<Tool>>('/api/tools'),
    diff: (upstream: string, tool: string) =>
      get<ToolDiff>(`/api/tools/${segment(upstream)}/${segment(tool)}/diff`),
    /** `pin` is the diff's: accepting anything else is refused. Answers the request other operators are asked in, if any. */
    accept: (upstream: string, tool: string, input: AcceptInput) =>
      post<HeldChange | undefined>(`/api/tools/${segment(upstream)}/${segment(tool)}/accept`, input),
  };
}

function passkeyCalls({ get, post }: Calls) {
  const one = (id: string): string => `/api/passkeys/${segment(id)}`;
  return {
    list: () => get<Page<Passkey>>('/api/passkeys'),
    askEnrol: () => post<EnrolOptions>('/api/passkeys/challenge'),
    enrol: (made: EnrolInput) => post<Passkey>('/api/passkeys', made),
    /** `key_digest` is the one compared with the key's owner. */
    confirm: (id: string, key_digest: string) => post<Passkey>(`${one(id)}/confirm`, { key_digest }),
    rename: (id: string, name: string) => post<Passkey>(`${one(id)}/name`, { name }),
    revoke: (id: string) => post<Passkey>(`${one(id)}/revoke`),
  };
}

function logCalls(http: Http, get: Calls['get']) {
  return {
    lookUp: (filter: LogFilter & Paging = {}) => get<Page<LogEntry>>('/api/log/entries', filter),
    entry: (event_id: string) => get<LogEntryDetail>(`/api/log/entries/${segment(event_id)}`),
    /** Signed roots, newest first. Whoever checks them needs the log's own files and nothing else. */
    checkpoints: (paging: Paging = {}) => get<Page<LoggedCheckpoint>>('/api/log/checkpoints', paging),
    /** A Sigstore bundle; `verifyReceipt` checks it without the gateway. */
    receipt: (event_id: string) => get<JsonObject>(`/api/log/entries/${segment(event_id)}/receipt`),
    /** JSON Lines, oldest first. The export is itself recorded. */
    export: (filter: LogFilter = {}, signal?: AbortSignal) =>
      http.stream('/api/log/export', { method: 'POST', body: filter, signal }),
  };
}

/** Every item of every page, in order. */
export async function* everyItem<T>(page: (paging: Paging) => Promise<Page<T>>): AsyncGenerator<T, void> {
  let cursor: string | undefined;
  do {
    const { items, next_cursor } = await page(cursor === undefined ? {} : { cursor });
    yield* items;
    cursor = next_cursor;
  } while (cursor !== undefined);
}

export const isOpenStatus = (status: RequestStatus): boolean => status === 'pending';
