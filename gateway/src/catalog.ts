/** What is configured, as people may see it: no keys, no credentials, no commands (I7). */
import type { Agent, Upstream } from '@countersign/sdk';
import type { Catalog } from './api/ports.ts';
import type { Config } from './config/config.ts';
import type { Store } from './store/store.ts';

export function createCatalog(store: Store, config: () => Config): Catalog {
  return {
    async agents(): Promise<readonly Agent[]> {
      const rows = await store.read({
        sql: "SELECT agent, COUNT(*) AS n FROM requests WHERE status = 'pending' GROUP BY agent",
        params: [],
      });
      const pending = new Map(rows.map((row) => [String(row['agent']), Number(row['n'])]));
      return Object.entries(config().agents).map(([id, agent]) => ({
        id,
        owner: agent.owner ?? null,
        team: agent.team ?? null,
        active: true,
        keys: agent.keys.length,
        pending_requests: pending.get(id) ?? 0,
      }));
    },
    async upstreams(): Promise<readonly Upstream[]> {
      const rows = await store.read({
        sql: "SELECT upstream, status, COUNT(*) AS n FROM tool_pins WHERE status <> 'superseded' GROUP BY upstream, status",
        params: [],
      });
      const count = (upstream: string, status: string): number =>
        Number(rows.find((row) => row['upstream'] === upstream && row['status'] === status)?.['n'] ?? 0);
      return Object.entries(config().upstreams).map(([name, upstream]) => ({
        name,
        protocol: 'mcp',
        env: upstream.env,
        tools: { accepted: count(name, 'accepted'), quarantined: count(name, 'quarantined') },
      }));
    },
  };
}
