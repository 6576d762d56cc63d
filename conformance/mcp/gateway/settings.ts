// The configuration and the policy of a gateway under test. The policy is as an operator would write it.

export type UpstreamSpec = { url: string } | { command: string[]; cwd?: string };

/** By tool name; whatever is not named is allowed. */
export type PolicySpec = {
  hold?: readonly string[];
  deny?: readonly string[];
  /** Agents that may not even connect. */
  bar?: readonly Agent[];
};

export type GatewaySpec = {
  /** Served at `/mcp/<name>`; every tool they list when the gateway starts is accepted as it is. */
  upstreams: Record<string, UpstreamSpec>;
  policy?: PolicySpec;
  /** How long a held call stays open before the agent is told to call again, such as `50s`. */
  hold_wait?: string;
};

/** Agents of the same owner, who is not the reviewer; `barred` is for policies that keep it out. */
export const AGENTS = ['first', 'second', 'barred'] as const;
export type Agent = (typeof AGENTS)[number];

export const REVIEWER = 'rita';
const OWNER = 'olaf';

type Known = { port: number; hashes: Record<string, string> };

export function settings({ upstreams, hold_wait }: GatewaySpec, { port, hashes }: Known): object {
  const agent = (key: string) => ({
    owner: OWNER,
    keys: [key],
    ...(hold_wait !== undefined && { hold_wait }),
  });
  return {
    listen: { http: `127.0.0.1:${port}` },
    public_url: `http://localhost:${port}`,
    people: {
      [OWNER]: { name: 'Olaf Owner', roles: ['auditor'] },
      // The only operator: with two, accepting a tool would take both.
      [REVIEWER]: { name: 'Rita Reviewer', roles: ['reviewer', 'operator'] },
    },
    groups: { reviewers: [REVIEWER] },
    agents: Object.fromEntries(Object.entries(hashes).map(([name, key]) => [name, agent(key)])),
    upstreams: Object.fromEntries(
      Object.entries(upstreams).map(([name, mcp]) => [name, { env: 'dev', mcp }]),
    ),
  };
}

export function policyText({ hold = [], deny = [], bar = [] }: PolicySpec): string {
  const rules: object[] = [];
  if (bar.length > 0) {
    const where = { class: 'session', agent: bar };
    rules.push({ id: 'barred', about: 'Agents that may not connect', on: 'mcp', where, then: 'deny' });
  }
  if (deny.length > 0) {
    rules.push({
      id: 'denied',
      about: 'Tools nobody may call',
      on: 'mcp',
      where: { resource: deny },
      then: 'deny',
    });
  }
  if (hold.length > 0) {
    rules.push({
      id: 'held',
      about: 'Tools a person must approve',
      on: 'mcp',
      where: { resource: hold },
      then: 'require',
      approve: [{ by: 'group:reviewers', count: 1 }],
      within: '10m',
      valid: '5m',
    });
  }
  // Opaque, because resources, prompts and arguments that fit no schema are the suite's business as well.
  rules.push({
    id: 'all-else',
    about: 'Everything else runs freely',
    on: 'mcp',
    then: 'allow',
    opaque: true,
  });
  return JSON.stringify({ version: 1, rules }, null, 2);
}
