/**
 * One call of one agent, from its message to its answer. Here stand its types; `ask.ts` takes it through the door,
 * `run.ts` runs it once permitted, `hold.ts` lets it wait, `tasks.ts` lets it wait without a connection. No call may
 * reach the link but through `run.ts` (enforced methods) or `pass.ts` (methods under `session.open`).
 */
import type { Evaluation, JsonObject } from '@countersign/core';
import type { FairShare } from '../../../limits/share.ts';
import type { Held, Permit, Session } from '../../protocol.ts';
import type { Upstream } from '../binding.ts';
import type { McpDeps } from '../deps.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Schemas } from '../tools/schema.ts';
import type { Incoming, Link } from '../upstream/link.ts';
import type { Request } from '../wire/message.ts';
import type { Presence, Reply } from '../wire/reply.ts';
import type { Shape } from './answers.ts';

/** An upstream, opened for one agent under a `session.open` permit. */
export type Peer = {
  readonly upstream: Upstream;
  readonly era: 'modern' | 'legacy';
  readonly link: Link;
  readonly catalog: Catalog;
  /** The `session.open` permit: its masking applies to whatever belongs to no other permit. */
  permit: Permit;
};

/** What lives as long as the protocol itself. */
export type Shared = {
  readonly deps: McpDeps;
  readonly schemas: Schemas;
  /** Answers with a task that waits for the request, and drives it from then on. False: there are too many tasks. */
  readonly openTask: (call: Call, prepared: Prepared, held: Held) => boolean;
  /** The upstream made a task of its own of an allowed call: what the caller is told instead. Undefined: too many. */
  readonly adoptTask: (
    call: Call,
    prepared: Prepared,
    adopted: { readonly permit: Permit; readonly task: JsonObject; readonly upstream_task: string },
  ) => JsonObject | undefined;
  /** Follows what is left of a call to its end; an error is told to its caller. */
  readonly follow: (reply: Reply, rest: Promise<unknown>) => void;
  /** Calls held open now, over all agents: none can take every place (A21). */
  readonly held: FairShare;
  /** Streams that last, which are answers to nothing. */
  readonly streams: FairShare;
  next_id: number;
};

export type Call = {
  readonly shared: Shared;
  readonly peer: Peer;
  readonly door: Session;
  readonly request: Request;
  /** Exact bytes of the request, as it came. */
  readonly bytes: Buffer;
  /** `_meta` keys of this conversation: they travel, but are not the action. */
  readonly talk: JsonObject;
  readonly capabilities: JsonObject;
  /** 2025-11-25: a name of the caller's session that opens nothing. */
  readonly session?: string;
  readonly reply: Reply;
  /** Ends when the caller takes the call back: stream closed (2026-07-28), `notifications/cancelled` or DELETE (2025-11-25). */
  readonly caller: Presence;
  /** Nobody awaits the call: one that waits for people is let go of, and followed again from when it goes on. */
  readonly unattended: boolean;
  /** The same upstream, opened anew if it closed or its permit is no longer current. Undefined: it cannot be. */
  readonly reopen: () => Promise<Peer | undefined>;
  /** 2025-11-25: a stream that ends early is resumed by GET; whoever owns the session takes the rest of the call. */
  readonly suspend?: (rest: Suspended) => void;
  /** 2025-11-25: the upstream asks the caller something within this call. False: it may not be passed on. */
  readonly asked?: (request: Request) => boolean;
};

/** What is left of a call whose stream was suspended: how to end it when the answer comes, or never comes. */
export type Suspended = {
  readonly id: string | number;
  readonly permit: Permit;
  answered(incoming: Incoming): Promise<string>;
  abandoned(): Promise<void>;
};

/** A call as asked: the question, and what answering it takes. */
export type Prepared = {
  readonly evaluation: Evaluation;
  /** For `tools/call`: the pin the question was asked about. */
  readonly pin?: string;
  readonly shape: Shape;
  /** The message was changed (a reason taken off): original bytes must not travel. */
  readonly rewritten: boolean;
  readonly mirrored: readonly { readonly header: string; readonly path: readonly string[] }[];
};
