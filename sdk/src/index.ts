// The public face of @countersign/sdk: a typed client for people and agents, and offline receipt verification.
export {
  type ReceiptChecks,
  type ReceiptFinding,
  type ReceiptTrust,
  type ReceiptVerification,
  verifyReceipt,
} from '@countersign/core';
export { type Agents, requestFor, type WaitOptions } from './agents.ts';
export { type Client, createClient } from './client.ts';
export { type LiveEvent, parseEvents, pause, type ServerEvent, type WatchOptions } from './events.ts';
export { type ClientOptions, TIMEOUT_MS } from './http.ts';
export { everyItem, type Once, type People } from './people.ts';
export { ProblemError, ProtocolError, UnreachableError } from './problem.ts';
export * from './shapes/access.ts';
export * from './shapes/calls.ts';
export * from './shapes/channels/channels.ts';
export * from './shapes/delegations.ts';
export * from './shapes/directory.ts';
export * from './shapes/glass/broken.ts';
export * from './shapes/glass/marks.ts';
export * from './shapes/grants.ts';
export * from './shapes/inbox.ts';
export * from './shapes/insights.ts';
export * from './shapes/log.ts';
export * from './shapes/operators.ts';
export * from './shapes/passkeys.ts';
export * from './shapes/policy/policy.ts';
export * from './shapes/policy/powers.ts';
export * from './shapes/requests.ts';
export * from './shapes/shown/previews.ts';
export * from './shapes/webhooks.ts';
