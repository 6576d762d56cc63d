/**
 * The configuration in force: people, groups and agents are taken up while running, on the record, under a raised epoch
 * (I8, I13). What a running gateway cannot take up — addresses, store, upstreams — is said, and waits for a restart. It
 * must never serve a file that does not load: the last good one stays.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Directory } from '@countersign/core';
import type { Changes, Rebuild } from '../authority/changes.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { ConfigError } from '../config/source.ts';
import type { Log } from '../events.ts';
import { createAgents, createDirectory } from '../identity/directory.ts';
import { endSessionsOf } from '../identity/ending.ts';
import { conflictsOf } from '../identity/roster/meaning.ts';
import type { Roster } from '../identity/roster/roster.ts';
import { watchFile } from '../policy/source/watch.ts';

const RELOADED = ['people', 'groups', 'agents', 'workload_identity', 'scim'] as const;
/** Read at every start, never while running. */
const FIXED = [
  'listen',
  'public_url',
  'tenant',
  'store',
  'policy',
  'log',
  'sign_in',
  'upstreams',
  'limits',
] as const;

/** For the record: which configuration it was. The text itself holds hashes of keys and stays out of the log. */
export const configDigest = (config: Config): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(config)).digest('hex')}`;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export type ConfigInForce = {
  current(): Config;
  /** Reads the file now. Resolves to what was taken up, by name. @throws ConfigError when the file is bad; nothing changed then */
  reload(): Promise<readonly string[]>;
  close(): void;
};

export type ConfigInForceOptions = {
  readonly file: string;
  readonly first: Config;
  readonly changes: Changes;
  readonly rebuild: Rebuild;
  readonly log: Log;
  readonly now: () => number;
};

export function watchConfig({
  file,
  first,
  changes,
  rebuild,
  log,
  now,
}: ConfigInForceOptions): ConfigInForce {
  let config = first;
  const reload = async (): Promise<readonly string[]> => {
    const read = loadConfig(file);
    for (const key of FIXED) {
      if (!same(read[key], config[key]))
        log.warn({ key }, `${key} changed in ${file}; restart the gateway to take it up`);
    }
    const changed = RELOADED.filter((key) => !same(read[key], config[key]));
    if (changed.length === 0) return [];
    const { people, groups, agents, workload_identity, scim } = read;
    const next: Config = { ...config, people, groups, agents, workload_identity, scim };
    const applied = await changes.apply(
      ({ roster }) => ({
        world: { config: next },
        next: { directory: directoryFor(next, roster, file), agents: createAgents(next) },
        steps: endSessionsOf(noLongerActive(config, next), now()),
        record: {
          kind: 'config-change',
          task_id: 'config',
          predicate: {
            before: configDigest(config),
            after: configDigest(next),
            changed: namesOf(config, next),
          },
        },
      }),
      rebuild,
    );
    if (!applied.ok) throw new ConfigError([{ file, line: 0, key: '', message: applied.why }]);
    config = next;
    return changed;
  };
  const stop = watchFile(path.resolve(file), () => {
    reload().then(
      (taken) => {
        if (taken.length > 0) log.info({ taken }, 'configuration taken up');
      },
      (error: unknown) =>
        log.error(
          {},
          `configuration not taken up: ${error instanceof Error ? error.message : String(error)}`,
        ),
    );
  });
  return { current: () => config, reload, close: stop };
}

/** @throws ConfigError when the file makes one human two */
export function directoryFor(config: Config, roster: Roster, file: string): Directory {
  const conflicts = conflictsOf(config, roster);
  if (conflicts.length > 0)
    throw new ConfigError(conflicts.map((message) => ({ file, line: 0, key: 'people', message })));
  return createDirectory(config, roster);
}

/** Who may no longer be signed in: should they come back, they sign in anew. */
const noLongerActive = (before: Config, after: Config): readonly string[] =>
  Object.keys(before.people).filter((id) => before.people[id]?.active && after.people[id]?.active !== true);

/** By id; issuers by their name. */
const named = (part: Config[(typeof RELOADED)[number]]): { readonly [id: string]: unknown } =>
  Array.isArray(part) ? Object.fromEntries(part.map((entry) => [entry.issuer, entry])) : part;

/** `people.bob`, `agents.coder`: what was added, removed or changed, by id. */
function namesOf(before: Config, after: Config): readonly string[] {
  return RELOADED.flatMap((key) => {
    const [old, now] = [named(before[key]), named(after[key])];
    const ids = new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})]);
    return [...ids].filter((id) => !same(old?.[id], now?.[id])).map((id) => `${key}.${id}`);
  });
}
