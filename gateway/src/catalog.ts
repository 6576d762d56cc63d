/** What is configured, as people may see it: no keys, no credentials, no commands (I7). */
import type { Directory } from '@countersign/core';
import type { Agent, AgentCredential, Reviewer, Upstream, UpstreamHealth } from '@countersign/sdk';
import type { Catalog } from './api/ports.ts';
import type { Paused } from './authority/paused.ts';
import { type AgentKeyConfig, hasExpired, keysOf, oldestOf, stateOf } from './config/agents.ts';
import type { AgentConfig, Config } from './config/config.ts';
import type { Agents } from './identity/directory.ts';
import type { RosterPerson } from './identity/roster/roster.ts';
import { readUses, type StoredUse } from './identity/uses.ts';
import { readPayload } from './payloads.ts';
import type { Contact, Contacts } from './protocols/contacts.ts';
import { isStdio } from './protocols/mcp/config.ts';
import type { Store } from './store/store.ts';

export type CatalogOptions = {
  readonly store: Store;
  readonly config: () => Config;
  readonly agents: () => Agents;
  readonly paused: () => Paused;
  readonly world: () => { readonly roster: { readonly people: ReadonlyMap<string, RosterPerson> } };
  readonly directory: () => Directory;
  readonly contacts: Pick<Contacts, 'of'>;
  /** Uses are written once a minute; whoever looks is shown those of this moment. Never rejects. */
  readonly noteUses: () => Promise<void>;
  readonly now: () => number;
};

export function createCatalog(options: CatalogOptions): Catalog {
  const { store, config, agents, contacts, now } = options;
  return {
    people: () => peopleOf(options),
    async agents(): Promise<readonly Agent[]> {
      await options.noteUses();
      const rows = await store.read({
        sql: "SELECT agent, COUNT(*) AS n FROM requests WHERE status = 'pending' GROUP BY agent",
        params: [],
      });
      const pending = new Map(rows.map((row) => [String(row['agent']), Number(row['n'])]));
      const uses = Map.groupBy(await readUses(store), ({ agent }) => agent);
      const at = now();
      const configured = Object.entries(config().agents).map(([id, agent]) => ({
        id,
        owner: agent.owner ?? null,
        team: agent.team ?? null,
        active: true,
        keys: keysOf(agent).filter((key) => !hasExpired(key, at)).length,
        credentials: [
          ...keyCredentials(agent, uses.get(id) ?? [], at),
          ...tokenCredentials(uses.get(id) ?? []),
        ],
        pending_requests: pending.get(id) ?? 0,
      }));
      const all = [
        ...configured,
        ...made(uses, agents()).map((agent) => ({ ...agent, pending_requests: pending.get(agent.id) ?? 0 })),
      ];
      return Promise.all(all.map(async (agent) => ({ ...agent, ...(await pausedSince(options, agent.id)) })));
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
        transport: isStdio(upstream.mcp) ? ('process' as const) : ('http' as const),
        tools: { accepted: count(name, 'accepted'), quarantined: count(name, 'quarantined') },
        health: healthOf(contacts.of(name)),
      }));
    },
  };
}

async function pausedSince({ store, paused }: CatalogOptions, agent: string): Promise<Pick<Agent, 'paused'>> {
  const pause = paused().get(agent);
  if (pause === undefined) return {};
  const reason = (await readPayload(store, pause.reason_payload_id))?.body;
  return { paused: { at: pause.at, by: pause.by, ...(reason === undefined ? {} : { reason }) } };
}

/** Everybody, and where they come from: those of the configuration are changed there. */
function peopleOf({ config, world, directory }: CatalogOptions): readonly Reviewer[] {
  const { people } = config();
  const known = world().roster.people;
  return [...directory().people()].map(({ id, name, active, roles, groups }) => ({
    id,
    name,
    active,
    roles,
    groups,
    source: Object.hasOwn(people, id) ? 'configuration' : (known.get(id)?.source ?? 'configuration'),
  }));
}

function healthOf({ answered_at, failed_at, why }: Contact): UpstreamHealth {
  const failing = failed_at !== undefined && failed_at >= (answered_at ?? 0);
  return {
    state: failing ? 'failing' : answered_at === undefined ? 'not_asked' : 'answering',
    ...(answered_at === undefined ? {} : { answered_at }),
    ...(failed_at === undefined ? {} : { failed_at }),
    ...(why === undefined ? {} : { why }),
  };
}

/** Agents nobody wrote down: those whose tokens came in, while a rule could still make their name. */
function made(
  uses: ReadonlyMap<string, readonly StoredUse[]>,
  agents: Agents,
): readonly Omit<Agent, 'pending_requests'>[] {
  return [...uses].flatMap(([id, all]) => {
    if (agents.get(id) !== undefined || agents.limitsOf(id) === undefined) return [];
    const [last] = all.toSorted((a, b) => b.at - a.at);
    const credentials = tokenCredentials(all);
    return [{ id, owner: last?.owner ?? null, team: last?.team ?? null, active: true, keys: 0, credentials }];
  });
}

const ID_CHARACTERS = 12;
const TOKEN = 'token:';

function keyCredentials(
  agent: AgentConfig,
  uses: readonly StoredUse[],
  now: number,
): readonly AgentCredential[] {
  const oldest = oldestOf(agent, now);
  return keysOf(agent).map((key: AgentKeyConfig) => {
    const used = uses.find(({ credential }) => credential === key.hash);
    return {
      kind: 'key',
      id: key.hash.slice('sha256:'.length).slice(0, ID_CHARACTERS),
      ...(key.prefix === undefined ? {} : { prefix: key.prefix }),
      ...(key.created === undefined ? {} : { created_at: Date.parse(key.created) }),
      ...(key.expires_at === undefined ? {} : { expires_at: key.expires_at }),
      ...(used === undefined ? {} : { last_used_at: used.at }),
      state: stateOf(key, now),
      oldest: key.hash === oldest,
    };
  });
}

const tokenCredentials = (uses: readonly StoredUse[]): readonly AgentCredential[] =>
  uses
    .filter(({ credential }) => credential.startsWith(TOKEN))
    .map(({ credential, at }) => ({
      kind: 'token',
      id: credential.slice(TOKEN.length),
      last_used_at: at,
      state: 'live',
      oldest: false,
    }));
