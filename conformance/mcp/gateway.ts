// The only seam between these suites and the gateway: how one is started, where its MCP endpoints are, who its agents
// are, and how a person answers. The suites know nothing else of it.

export type UpstreamSpec = { url: string } | { command: string[]; cwd?: string };

/** By tool name; whatever is not named is allowed. */
export type PolicySpec = { hold?: readonly string[]; deny?: readonly string[] };

export type GatewaySpec = {
  /** Served at `/mcp/<name>`; every tool they list when the gateway starts is accepted as it is. */
  upstreams: Record<string, UpstreamSpec>;
  policy?: PolicySpec;
  /** How long a held call stays open before the agent is told to call again, such as `50s`. */
  hold_wait?: string;
};

export type Pending = { id: string; resource: string; agent: string };

export type Reviewer = {
  pending(): Promise<Pending[]>;
  approve(id: string): Promise<void>;
  deny(id: string, reason: string): Promise<void>;
};

/** Two agents of the same owner, who is not the reviewer. */
export const AGENTS = ['first', 'second'] as const;
export type Agent = (typeof AGENTS)[number];

export type Gateway = {
  url(upstream: string): string;
  token(agent: Agent): string;
  reviewer: Reviewer;
  close(): Promise<void>;
};

export class GatewayNotWired extends Error {
  constructor() {
    super('gateway: not wired yet');
    this.name = 'GatewayNotWired';
  }
}

export function startGateway(_spec: GatewaySpec): Promise<Gateway> {
  return Promise.reject(new GatewayNotWired());
}
