/**
 * The configuration in force: people, groups and agents are taken up while running, on the record, under a raised epoch
 * (I8, I13). What a running gateway cannot take up — addresses, store, upstreams — is said, and waits for a restart. It
 * must never serve a file that does not load: the last good one stays.
 */
import path from 'node:path';
import type { Directory } from '@countersign/core';
import { type Changes, NotCommitted, type Rebuild, type World } from '../authority/changes.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { ConfigError } from '../config/source.ts';
import type { Log } from '../events.ts';
import { createAgents, createDirectory } from '../identity/directory.ts';
import { askedByThen, takenSteps } from '../identity/roster/links.ts';
import { conflictsOf, takenFrom } from '../identity/roster/meaning.ts';
import type { Roster } from '../identity/roster/roster.ts';
import { createTicketSystems } from '../identity/ticketing.ts';
import type { Agree, Agreement } from '../operations/agree.ts';
import { watchFile } from '../policy/source/watch.ts';
import {
  AT_START,
  changedNames,
  configChange,
  digestOf,
  type Governed,
  governed,
  RELOADED,
  same,
} from './config-change.ts';
import { keepConfig } from './kept.ts';
import { NotAgreed, whileMoving } from './not-agreed.ts';

/** Read at every start, never while running; no operators are asked. */
const OF_THE_HOST = ['listen', 'public_url', 'store', 'policy', 'log'] as const;

export type ConfigInForce = {
  current(): Config;
  /** Reads the file now. Resolves to what was taken up, by name. @throws ConfigError when the file is bad; nothing changed then */
  reload(): Promise<readonly string[]>;
  /** The same, and says what came of it in the gateway's own log. */
  look(): Promise<void>;
  /** What this gateway has under that digest, served or in its file; undefined: its file says something else. @throws ConfigError */
  heldAs(digest: string): Held | undefined;
  /** Another process took this up. */
  serve(held: Held): void;
  close(): void;
};

export type ConfigInForceOptions = {
  readonly file: string;
  readonly first: Config;
  readonly changes: Changes;
  readonly agree: Agree;
  /** The file says again what is in force: what was asked about another is withdrawn. */
  readonly withdrawn: () => Promise<void>;
  /** Awaited before a changed file is taken up; false: it is not. */
  readonly ready?: () => Promise<boolean>;
  readonly rebuild: Rebuild;
  readonly log: Log;
  readonly now: () => number;
};

export function watchConfig(options: ConfigInForceOptions): ConfigInForce {
  const { file, first, log, ready } = options;
  const held: Kept = { config: first, agreed: governed(first) };
  let queue: Promise<unknown> = Promise.resolve();
  let told: string | undefined;
  /** A changed file that another change overtook: it is looked at again once that is served here. */
  let overtaken = false;
  const reload = (): Promise<readonly string[]> => {
    const done = queue.then(() => takeUp(options, held));
    queue = done.catch(() => undefined); // its caller hears of the failure
    return done;
  };
  const tell = (error: unknown): void => {
    overtaken = error instanceof NotCommitted;
    const message = error instanceof Error ? error.message : String(error);
    // What waits for people is said once, however often the file is looked at.
    if (error instanceof NotAgreed && told !== message) log.warn(error.waiting, message);
    else if (!(error instanceof NotAgreed)) log.error({}, `configuration not taken up: ${message}`);
    told = message;
  };
  const look = (): Promise<void> =>
    reload().then((taken) => {
      told = undefined;
      if (taken.length > 0) log.info({ taken }, 'configuration taken up');
    }, tell);
  const changed = async (): Promise<void> => {
    if ((await ready?.()) !== false) await look();
  };
  const stop = watchFile(path.resolve(file), () => void changed().catch(tell));
  return {
    current: () => held.config,
    reload,
    look,
    heldAs(digest) {
      if (digestOf(governed(held.agreed)) === digest) return { ...held };
      const read = loadConfig(file);
      const agreed = governed(read);
      return digestOf(agreed) === digest ? { config: withReloaded(held.config, read), agreed } : undefined;
    },
    serve(found) {
      for (const key of AT_START)
        if (!same(found.agreed[key], held.agreed[key]))
          log.warn({ key }, `${key} changed in ${file}; restart the gateway to take it up`);
      Object.assign(held, found);
      // What is served already is not looked at again: that would withdraw what other gateways ask about other files.
      if (overtaken && !isServed(file, held)) void look();
      overtaken = false;
    },
    close: stop,
  };
}

function isServed(file: string, { agreed }: Held): boolean {
  try {
    return same(governed(loadConfig(file)), agreed);
  } catch {
    return false; // it is read again, and what is wrong with it is said
  }
}

/** What is served; and what was agreed to, which waits in part for a restart. */
export type Held = { readonly config: Config; readonly agreed: Governed };
type Kept = { -readonly [K in keyof Held]: Held[K] };

async function takeUp(options: ConfigInForceOptions, held: Kept): Promise<readonly string[]> {
  const { file, log, agree, withdrawn } = options;
  const read = loadConfig(file);
  for (const key of OF_THE_HOST) {
    if (!same(read[key], held.config[key]))
      log.warn({ key }, `${key} changed in ${file}; restart the gateway to take it up`);
  }
  const wanted = governed(read);
  if (same(wanted, held.agreed)) {
    await withdrawn();
    return [];
  }
  const before = held.config;
  await whileMoving(async () => {
    if (same(wanted, held.agreed)) return; // another process has taken up the same meanwhile
    const agreement = await agree(configChange(held.agreed, wanted));
    if (agreement.kind !== 'agreed')
      throw new NotAgreed(agreement, { what: 'configuration', digest: digestOf(wanted) });
    await commit(options, held, { read, agreement });
  });
  const taken = RELOADED.filter((key) => !same(read[key], before[key]));
  for (const key of AT_START) {
    if (!same(read[key], held.agreed[key]))
      log.warn({ key }, `${key} changed in ${file}; restart the gateway to take it up`);
  }
  held.config = withReloaded(held.config, read);
  held.agreed = wanted;
  return taken;
}

const withReloaded = (
  config: Config,
  { people, groups, agents, workload_identity, scim, ticketing }: Config,
): Config => ({ ...config, people, groups, agents, workload_identity, scim, ticketing });

type Agreed = Extract<Agreement, { readonly kind: 'agreed' }>;
type Taking = { readonly read: Config; readonly agreement: Agreed };

/** @throws NotCommitted, to be asked anew; ConfigError when it would not hold */
async function commit(
  { file, changes, rebuild, now }: ConfigInForceOptions,
  { config, agreed }: Held,
  { read, agreement: { beside, review } }: Taking,
): Promise<void> {
  const next = withReloaded(config, read);
  const applied = await changes.apply((world) => {
    const { roster, steps } = withoutTaken(world, next, now());
    return {
      world: { config: next, roster },
      next: {
        directory: directoryFor(next, roster, file),
        agents: createAgents(next),
        ticketing: createTicketSystems(next),
      },
      steps: [keepConfig(read), ...steps],
      beside,
      record: {
        kind: 'config-change',
        task_id: 'config',
        predicate: {
          before: digestOf(config),
          after: digestOf(next),
          changed: changedNames(agreed, read),
          review,
        },
      },
    };
  }, rebuild);
  if (applied.ok) return;
  if (applied.why === new NotCommitted().message) throw new NotCommitted();
  throw new ConfigError([{ file, line: 0, key: '', message: applied.why }]);
}

/** The roster, with what the new configuration takes from people remembered for what was asked before. */
function withoutTaken({ config, roster }: World, next: Config, at: number) {
  const taken = takenFrom(config, next).map((each) => ({ ...each, at }));
  return taken.length === 0
    ? { roster, steps: [] }
    : {
        roster: { ...roster, parted: [...roster.parted, ...taken] },
        steps: [askedByThen(at), ...takenSteps(taken)],
      };
}

/** @throws ConfigError when the file makes one human two */
export function directoryFor(config: Config, roster: Roster, file: string): Directory {
  const conflicts = conflictsOf(config, roster);
  if (conflicts.length > 0)
    throw new ConfigError(conflicts.map((message) => ({ file, line: 0, key: 'people', message })));
  return createDirectory(config, roster);
}
