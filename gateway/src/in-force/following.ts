/**
 * What is in force by the store, for a gateway beside which another one works on it: policy, people, agents, accepted
 * tools, passkeys, pauses, all of it or nothing. Files are taken from this gateway's own disk, and only those the other
 * took up: a gateway that was given others serves neither, raises no epoch, and says so (I8, I13).
 */
import { type Keys, verifyingKeys } from '../audit/keys/keys.ts';
import type { AcceptedPins, Snapshot } from '../authority/authority.ts';
import type { Following, Found } from '../authority/catch-up.ts';
import type { Changes, World } from '../authority/changes.ts';
import { loadDuties } from '../authority/duties.ts';
import { loadOperatorsRule } from '../authority/operators.ts';
import { loadPaused } from '../authority/paused.ts';
import type { Deps } from '../deps.ts';
import { createAgents } from '../identity/directory.ts';
import { loadRoster } from '../identity/roster/stored.ts';
import { createTicketSystems } from '../identity/ticketing.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { loadPinnedKeys } from '../passkeys/stored.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import { PolicyError } from '../policy/problems/problem.ts';
import { policyDigest } from '../policy/source/files.ts';
import { startRepeating } from '../repeat.ts';
import { tellElsewhere } from '../requests/elsewhere.ts';
import { loadAcceptedPins } from '../tools/pins.ts';
import { type ConfigInForce, directoryFor, type Held } from './config.ts';
import { digestOf } from './config-change.ts';
import { loadKeptConfig, loadKeptPolicy } from './kept.ts';
import { type InForce, loadOptionsOf } from './policy.ts';

export type FollowingParts = Pick<Deps, 'store' | 'authority' | 'log' | 'now'> & {
  readonly changes: Changes;
  readonly policy: InForce;
  readonly inForce: ConfigInForce;
  readonly audit: { readonly keys: Pick<Keys, 'entry'> };
  readonly config_file: string;
  readonly metrics: Metrics;
};

const LOOK_EVERY_MS = 1_000;

/** From now on what another process changes is served here, where somebody meets it. */
export function followOthers(parts: FollowingParts): void {
  const { authority, changes, policy, log, metrics } = parts;
  const served = metrics.counter({
    name: 'countersign_authority_followed_total',
    help: 'How often what another gateway on this store changed was loaded and served here.',
  });
  metrics.observed(
    {
      name: 'countersign_authority_closed',
      help: '1 while what another gateway on this store put in force cannot be served here: nothing is permitted.',
    },
    () => (authority.trouble() === undefined ? 0 : 1),
  );
  const following: Following<Snapshot> = {
    inTurn: (work) => changes.inTurn(() => policy.source.inTurn(work)),
    load: (current) => load(parts, current),
    told({ epoch, trouble, detail }) {
      if (trouble !== undefined) {
        log.error(
          { epoch, why: trouble, ...(detail === undefined ? {} : { detail }) },
          'closed: nothing is permitted until this gateway can serve what is in force',
        );
        return;
      }
      served.add();
      log.info({ epoch }, 'what another gateway on this store changed is served here');
    },
  };
  authority.follow(following);
}

/**
 * And where nobody does; and who waits here is told what was decided there. In a store of its own there is nothing to look
 * for. Returns the way to stop.
 */
export function keepFollowing(deps: Pick<Deps, 'authority' | 'log' | 'store' | 'bus'>): () => Promise<void> {
  if (deps.store.shared !== true) return async () => undefined;
  return startRepeating({
    every_ms: LOOK_EVERY_MS,
    async run() {
      await deps.authority.catchUp();
      await tellElsewhere(deps);
    },
    failed: (error) =>
      deps.log.warn({ error: String(error) }, 'could not look for what other gateways changed'),
  });
}

async function load(parts: FollowingParts, current: Snapshot): Promise<Found<Snapshot>> {
  const { store, policy, inForce, changes, audit, config_file, log, now } = parts;
  const held = await configOf(parts);
  if ('closed' in held) return closedFor(held);
  const files = await filesOf(parts);
  if ('closed' in files) return closedFor(files);
  const pins = await loadAcceptedPins(store);
  const roster = await loadRoster(store);
  const world: World = { config: held.config, pins, roster };
  // Who is in which group never keeps a policy from loading: only what its rules name makes it another.
  const same =
    policyDigest(policy.source.files()) === files.digest &&
    held.config === inForce.current() &&
    samePins(pins, current.pins);
  const loaded = same ? undefined : await loadedOf(policy, { files: files.files, world });
  if (loaded !== undefined && 'closed' in loaded) return closedFor(loaded);
  const operators = await loadOperatorsRule(store);
  const { operators: _, ...before } = current;
  const { config } = held;
  const people =
    config === inForce.current()
      ? {}
      : { agents: createAgents(config), ticketing: createTicketSystems(config) };
  const next: Omit<Snapshot, 'epoch'> = {
    ...before,
    policy: loaded?.policy ?? policy.source.current(),
    ...people,
    directory: directoryFor(config, roster, config_file),
    pins,
    passkeys: await loadPinnedKeys(store, { entry_keys: verifyingKeys(audit.keys.entry), log }),
    duties: await loadDuties(store, now()),
    paused: await loadPaused(store),
    ...(operators === undefined ? {} : { operators }),
  };
  return {
    kind: 'found',
    next,
    serve() {
      changes.serve(world);
      policy.serve(loaded?.policy);
      inForce.serve(held);
    },
  };
}

type Closed = { readonly closed: string; readonly detail?: string };

const closedFor = ({ closed, detail }: Closed): Found<Snapshot> => ({
  kind: 'closed',
  why: closed,
  ...(detail === undefined ? {} : { detail }),
});

async function configOf({ store, inForce }: FollowingParts): Promise<Held | Closed> {
  const kept = await loadKeptConfig(store);
  if (kept === undefined || digestOf(kept.parts) !== kept.digest) return lost('configuration');
  return inForce.heldAs(kept.digest) ?? differs('the configuration', kept.digest);
}

async function filesOf({ store, policy }: FollowingParts) {
  const kept = await loadKeptPolicy(store);
  if (kept === undefined || policyDigest(kept.files) !== kept.digest) return lost('policy');
  const files = policy.filesOf(kept);
  return files === undefined ? differs('the policy folder', kept.digest) : { files, digest: kept.digest };
}

/** Its tests were run where it was taken up, against the same. */
async function loadedOf(
  { source }: InForce,
  { files, world }: { readonly files: LoadedFrom; readonly world: World },
): Promise<{ readonly policy: LoadedPolicy } | Closed> {
  const options = () => loadOptionsOf(world);
  const proposal = await source.propose({ files, tested: true, force: true, options });
  if (proposal.kind === 'candidate') return proposal;
  const detail = proposal.kind === 'bad' ? new PolicyError(proposal.problems).message : 'nothing to load';
  return {
    closed:
      'the policy in force does not load here: restart this gateway if upstreams of the configuration changed; its log says why',
    detail,
  };
}
type LoadedFrom = ReturnType<InForce['source']['files']>;

const differs = (what: string, digest: string): Closed => ({
  closed: `another gateway on this store took up other files (${shortened(digest)}) than this one has: ${what}. Give every gateway the same files; it goes on by itself once they are`,
});

const lost = (what: string): Closed => ({
  closed: `the store does not have the ${what} in force as it was; restore the store from a backup`,
});

const shortened = (digest: string): string => digest.slice('sha256:'.length).slice(0, 12);

function samePins(a: AcceptedPins, b: AcceptedPins): boolean {
  if (a.size !== b.size) return false;
  for (const [key, { pin, class: as }] of a) {
    const other = b.get(key);
    if (other?.pin !== pin || other.class !== as) return false;
  }
  return true;
}
