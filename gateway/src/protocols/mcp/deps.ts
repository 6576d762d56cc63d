/** What the composition root hands this protocol: the two doors, the pins, and numbers. No store, no policy, no log of record. */
import type { Admit } from '../protocol.ts';
import type { Upstream } from './binding.ts';
import type { Pins } from './tools/pins.ts';

export type Log = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type McpDeps = {
  readonly admit: Admit;
  /** By id, as configured now; asked at each request, so that a reload needs nothing else. */
  readonly upstream: (id: string) => Upstream | undefined;
  /** Some upstream has previews configured. */
  readonly anyPreview?: () => boolean;
  readonly pins: Pins;
  /** Does policy ask this tool's callers for a reason? */
  readonly asksReason: (scope: { readonly upstream: string; readonly resource: string }) => boolean;
  /** What a caller may be told of where tokens come from (RFC 9728). */
  readonly authorization: () => {
    readonly servers: readonly string[];
    readonly proof_algorithms: readonly string[];
  };
  /** How long a held call of this agent is kept open, in milliseconds. */
  readonly holdWait: (agent: string) => number;
  readonly public_url: string;
  readonly limits: {
    readonly body_bytes_max: number;
    readonly json_depth_max: number;
    readonly held_calls_max: number;
    /** Left out: as many as leave half of the gateway's connections to others. */
    readonly streams_max?: number;
    /** Left out, as the next two: more than agents that begin no more sessions than they need ever come to. */
    readonly sessions_max?: number;
    readonly sessions_per_agent_max?: number;
    /** Upstreams open for callers without sessions, one an agent and upstream. */
    readonly seats_max?: number;
    readonly processes_max: number;
    readonly tasks_max: number;
  };
  /** Told how exchanges with upstreams ended. */
  readonly contacts: {
    answered(upstream: string): void;
    /** `why` in the gateway's own words. */
    failed(upstream: string, why: string): void;
  };
  readonly log: Log;
  readonly now: () => number;
};
