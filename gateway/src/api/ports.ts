/**
 * What the HTTP API is handed. It decides nothing by itself: who a person is comes from `sessions`, what they may do
 * from `requests`, what an agent may do from `admit`. It never sees the store, the policy's insides or the log's files,
 * so it cannot forget a check. Times are unix milliseconds.
 */
import type { Directory, Json, JsonObject } from '@countersign/core';
import type {
  Account,
  AccountLink,
  Agent,
  AgentPolicy,
  ChannelList,
  ChannelTested,
  DeadCard,
  Delegation,
  DelegationInput,
  Grant,
  LogEntry,
  LogEntryDetail,
  LogFilter,
  LoggedCheckpoint,
  Page as PageOf,
  PersonPolicy,
  Policy,
  PolicyCheck,
  PolicyCoverage,
  PolicyDraft,
  PolicyFiles,
  PolicyPatch,
  PolicyProposalInput,
  PolicySimulation,
  PolicySuggestions,
  PolicyVocabulary,
  Reviewer,
  Operators as ShownOperators,
  SimulationInput,
  Tool,
  ToolClass,
  ToolDiff,
  Upstream,
} from '@countersign/sdk';
import type { BreakGlass } from '../break-glass/break-glass.ts';
import type { Tokens } from '../credentials/tokens.ts';
import type { History } from '../history/history.ts';
import type { Searches } from '../history/searches.ts';
import type { ProviderSignIn } from '../identity/oidc/sign-in.ts';
import type { Provisioning } from '../identity/scim/provisioning.ts';
import type { Sessions } from '../identity/sessions.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Passkeys } from '../passkeys/keys.ts';
import type { Pauses } from '../pauses/pauses.ts';
import type { ChangeOutcome, Page, Requests } from '../requests/requests.ts';
import type { Tickets } from '../tickets/tickets.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { AdmitAccess } from './access/access.ts';

export type ApiPorts = {
  readonly requests: Requests;
  readonly history: History;
  readonly searches: Searches;
  readonly sessions: Sessions;
  readonly signIn: ProviderSignIn;
  readonly people: PeopleAdmin;
  readonly accounts: Accounts;
  readonly provisioning: Provisioning;
  readonly directory: () => Directory;
  readonly passkeys: Passkeys;
  readonly delegations: Delegations;
  readonly pauses: Pauses;
  readonly channels: Channels;
  readonly webhooks: Webhooks;
  readonly tickets: Tickets;
  readonly grants: Grants;
  readonly breakGlass: BreakGlass;
  readonly catalog: Catalog;
  readonly tools: Tools;
  readonly operators: Operators;
  readonly policy: () => Policy;
  readonly desk: PolicyDesk;
  readonly log: LogReader;
  readonly links: SignInLinks;
  readonly idempotency: Idempotency;
  readonly admit: AdmitAccess;
  readonly tokens: Tokens;
  readonly metrics: Metrics;
  readonly ready: () => Promise<Readiness>;
  /** `/log/*` and `/jwks.json`, answered by the audit log's own handler. */
  readonly publicLog: (path: string) => Promise<PublicFile | undefined>;
  readonly now: () => number;
};

export type Grants = {
  list(filter: { readonly active?: boolean }, page: Page): Promise<PageOf<Grant>>;
  revoke(id: string, by: string, reason: string): Promise<ChangeOutcome>;
};

export type Delegations = {
  list(filter: { readonly active?: boolean }, page: Page): Promise<PageOf<Delegation>>;
  /** This person's own seat. */
  give(from: string, input: DelegationInput): Promise<Given>;
  revoke(id: string, by: string): Promise<ChangeOutcome>;
};
export type Given =
  | { readonly kind: 'given'; readonly delegation: Delegation }
  | Extract<ChangeOutcome, { readonly kind: 'refused' }>;

/** What is configured, as people may see it: no keys, no credentials, no commands. */
export type Catalog = {
  people(): readonly Reviewer[];
  agents(): Promise<readonly Agent[]>;
  upstreams(): Promise<readonly Upstream[]>;
};

export type Tools = {
  list(): Promise<readonly Tool[]>;
  diff(upstream: string, tool: string): Promise<ToolDiff | undefined>;
  /** Accepts exactly the definition `pin` names; `wrong_state` when another is the newest by now (A9). */
  accept(change: ToolAcceptance): Promise<Accepted>;
};
export type Operators = {
  show(): ShownOperators;
  need(needed: 1 | 2, by: string): Promise<Accepted>;
};
/** Where requests are shown outside the console. */
export type Channels = {
  list(): Promise<ChannelList>;
  dead(page: Page): Promise<PageOf<DeadCard>>;
  replay(id: string): Promise<ChangeOutcome>;
  /** Undefined when there is no such channel. */
  test(kind: string, place?: string): Promise<ChannelTested | undefined>;
  /** What a code from a channel would link; changes nothing (A16). */
  lookAtLink(code: string): Promise<AccountLink | undefined>;
  confirmLink(code: string, by: string): Promise<Accepted>;
};
/** People providers made known: kept out at once; let in again as others agree (I13). */
export type PeopleAdmin = { setActive(change: SetActive): Promise<Accepted> };
/** Whose accounts are whose. Linking and unlinking are changes others agree to (I13). */
export type Accounts = {
  /** `person`: only theirs. */
  list(filter: { readonly person?: string }, page: Page): PageOf<Account>;
  link(change: AccountChange): Promise<Accepted>;
  unlink(change: AccountChange): Promise<Accepted>;
};
export type AccountChange = { readonly person: string; readonly account: string; readonly by: string };
export type SetActive = { readonly person: string; readonly active: boolean; readonly by: string };
/** Made; or held until other operators have agreed, and then made by itself (I13). */
export type Accepted = ChangeOutcome | Held;
export type Held = { readonly kind: 'held'; readonly request_id: string; readonly expires_at: number };
export type ToolAcceptance = {
  readonly upstream: string;
  readonly tool: string;
  readonly pin: string;
  readonly class: ToolClass;
  readonly by: string;
};

/** What people who write the policy ask of it. */
export type PolicyDesk = {
  /** What this agent may do, under what is in force now. Undefined: there is no such agent. */
  ofAgent(id: string): Promise<AgentPolicy | undefined>;
  /** What this person may review. Undefined: nobody is known by it. */
  ofPerson(id: string): Promise<PersonPolicy | undefined>;
  /** How often each rule decided, by its id. */
  coverage(since: number): Promise<PolicyCoverage>;
  files(): PolicyFiles;
  vocabulary(): PolicyVocabulary;
  check(draft: PolicyDraft, by: string): Promise<Looked<PolicyCheck>>;
  /** What is on record, decided by the draft and by the policy in force. Records nothing. */
  simulate(input: SimulationInput, by: string): Promise<Looked<PolicySimulation>>;
  /** Narrower rules for what is always approved. */
  suggestions(since: number | undefined, by: string): Promise<Looked<PolicySuggestions>>;
  patch(draft: PolicyDraft, by: string): Promise<Looked<PolicyPatch>>;
  /** Makes the draft the policy, or asks those who must agree; where the store keeps it. */
  propose(input: PolicyProposalInput, by: string): Promise<Proposed>;
};
export type Proposed =
  | { readonly kind: 'in_force'; readonly review?: Json }
  | Held
  | Extract<ChangeOutcome, { readonly kind: 'refused' }>
  | { readonly kind: 'bad'; readonly problems: PolicyCheck['problems'] }
  | Exclude<Looked<never>, { readonly kind: 'done' }>;
/** Drafts are looked at one at a time, and not for ever. */
export type Looked<T> =
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'busy' }
  | { readonly kind: 'too_long' }
  | { readonly kind: 'failed' };

export type LogReader = {
  lookUp(filter: LogFilter, page: Page): Promise<PageOf<LogEntry>>;
  entry(event_id: string): Promise<LogEntryDetail | undefined>;
  checkpoints(page: Page): Promise<PageOf<LoggedCheckpoint>>;
  /** The Sigstore bundle that proves the entry is in the log; `pending` until a checkpoint covers it. */
  receipt(event_id: string): Promise<JsonObject | 'pending' | undefined>;
  /** JSON Lines, oldest first, in bounded memory. Records the export, by this person, before the first line. */
  export(filter: LogFilter, by: string): AsyncIterable<string>;
};

export type SignInLinks = {
  /** Writes a one-time link for this person to a 0600 file on the gateway's host. Never returns the link. */
  write(person: string, by: string): Promise<WrittenLink | undefined>;
};
export type WrittenLink = { readonly path: string; readonly expires_at: number };

/**
 * Remembers the answer to a change for as long as a caller may retry it. Keys belong to one principal; the same key
 * with another body is a conflict. A key begun and never kept (a crash) frees itself after a minute.
 */
export type Idempotency = {
  begin(use: KeyUse): Promise<Begun>;
  keep(use: KeyUse, answer: KeptAnswer): Promise<void>;
  /** The change did not happen: the key is free again. */
  release(use: KeyUse): Promise<void>;
};
export type KeyUse = { readonly principal: string; readonly key: string; readonly body_hash: string };
export type Begun =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'kept'; readonly answer: KeptAnswer }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'in_progress' };
export type KeptAnswer = {
  readonly status: number;
  readonly content_type: string;
  readonly location?: string;
  readonly body: string;
};

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly why: readonly string[] };

export type PublicFile = {
  readonly body: Uint8Array;
  readonly content_type: string;
  /** Full tiles and bundles never change; the rest is fetched anew. */
  readonly immutable: boolean;
};
