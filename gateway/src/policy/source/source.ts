/**
 * The policy in force and how it is replaced: whole, tested, and only after its change is durable. A policy that does
 * not load, fails its tests or cannot be committed changes nothing: the last good one stays. Half a save is never
 * served: files are taken when two readings some time apart agree.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { buildPolicy, buildTested } from '../check.ts';
import type { LoadedPolicy } from '../load.ts';
import { PolicyError, type PolicyProblem } from '../problems/problem.ts';
import type { LoadOptions } from '../rules/options.ts';
import { diffPolicies, type PolicyDiff } from './diff.ts';
import { contentDigest, type PolicyFile, readPolicyFolder, readSettled } from './files.ts';
import { watchFolder } from './watch.ts';

export type Candidate = {
  readonly policy: LoadedPolicy;
  /** What it was made of. */
  readonly files: readonly PolicyFile[];
  readonly previous: LoadedPolicy;
  readonly diff: PolicyDiff;
};

export type Proposal =
  | { readonly kind: 'unchanged' }
  | ({ readonly kind: 'candidate' } & Candidate)
  | { readonly kind: 'bad'; readonly problems: readonly PolicyProblem[] };

export type Reloaded =
  | Proposal
  /** The policy is good, but its change could not be made durable; the last one stays. */
  | { readonly kind: 'not_committed'; readonly error: unknown };

export type SourceOptions = {
  /** Left out: there is none to read, and files come by {@link ReloadOptions.files} alone. */
  readonly folder?: string;
  /** Served at first in place of what the folder holds, which is then a change like any other. */
  readonly first?: readonly PolicyFile[];
  /** Asked at each load, so that new people, agents and accepted tools are known. */
  readonly options: () => LoadOptions;
  /** Makes the change durable (epoch, audit entry) before the policy is served. Rejecting keeps the last one. */
  readonly commit?: (candidate: Candidate) => Promise<void>;
  /** Told of every reload that changed or should have changed something. */
  readonly reloaded?: (outcome: Reloaded) => void;
  /** Told when the folder is found to be what is served. */
  readonly unchanged?: () => void;
  /** Awaited before a changed folder is read; false: it is not taken up now. */
  readonly ready?: () => Promise<boolean>;
  /** How far apart two readings must agree. */
  readonly settle_ms?: number;
};

/** Where one reload differs from the others: part of a change that is not true yet, and commits with it. */
export type ReloadOptions = Partial<Pick<SourceOptions, 'options' | 'commit'>> & {
  /** Takes these, whatever the folder holds. */
  readonly files?: readonly PolicyFile[];
  /** Their tests were run elsewhere, against the same world. */
  readonly tested?: boolean;
  /** Builds unchanged files anew: what they may name has changed. */
  readonly force?: boolean;
  /** Builds what is served anew, whatever the folder holds by now. */
  readonly served?: boolean;
};

export type PolicySource = {
  current(): LoadedPolicy;
  /** What the current policy was made of. */
  files(): readonly PolicyFile[];
  /** Reads and tests the folder as it is now. Changes nothing. */
  propose(options?: ReloadOptions): Promise<Proposal>;
  /** Serves a candidate. The caller has made the change durable. */
  adopt(policy: LoadedPolicy): void;
  /** With no reload under way: what is adopted meanwhile is overtaken by none. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Propose, commit, adopt: one at a time. */
  reload(options?: ReloadOptions): Promise<Reloaded>;
  /** Reloads when the folder changes, until closed. */
  watch(): void;
  /** Why the folder as it is now is not what is served; empty when it is. */
  problems(): readonly PolicyProblem[];
  close(): Promise<void>;
};

const SETTLE_MS = 200;

const readFolder = (folder: string, settle_ms = SETTLE_MS): Promise<readonly PolicyFile[]> =>
  readSettled(
    () => readPolicyFolder(folder),
    () => wait(settle_ms),
  );

/** @throws PolicyError with every fault: a gateway does not start on a bad policy */
export async function createPolicySource(setup: SourceOptions): Promise<PolicySource> {
  const { folder, settle_ms } = setup;
  const files = setup.first ?? (folder === undefined ? [] : await readFolder(folder, settle_ms));
  return new FolderSource(setup, buildPolicy(files, setup.options()), files);
}

class FolderSource implements PolicySource {
  readonly #setup: SourceOptions;
  #current: LoadedPolicy;
  /** The files the current policy was made of, tests included, and their digest. */
  #files: readonly PolicyFile[];
  #served: string;
  #problems: readonly PolicyProblem[] = [];
  readonly #proposed = new WeakMap<LoadedPolicy, readonly PolicyFile[]>();
  #queue: Promise<unknown> = Promise.resolve();
  #stopWatching: (() => void) | undefined;

  constructor(setup: SourceOptions, policy: LoadedPolicy, files: readonly PolicyFile[]) {
    this.#setup = setup;
    this.#current = policy;
    this.#files = files;
    this.#served = contentDigest(files);
  }

  current(): LoadedPolicy {
    return this.#current;
  }

  files(): readonly PolicyFile[] {
    return this.#files;
  }

  problems(): readonly PolicyProblem[] {
    return this.#problems;
  }

  async propose({
    force = false,
    served = false,
    tested = false,
    files: given,
    options = this.#setup.options,
  }: ReloadOptions = {}): Promise<Proposal> {
    try {
      const files = given ?? (served ? this.#files : await this.#read());
      if (!force && contentDigest(files) === this.#served) return { kind: 'unchanged' };
      const policy = tested ? buildTested(files, options()) : buildPolicy(files, options());
      this.#proposed.set(policy, files);
      return {
        kind: 'candidate',
        policy,
        files,
        previous: this.#current,
        diff: diffPolicies(this.#current, policy),
      };
    } catch (error) {
      if (error instanceof PolicyError) return { kind: 'bad', problems: error.problems };
      throw error;
    }
  }

  /** What is served already has settled: only what differs from it is read until it stands still. */
  async #read(): Promise<readonly PolicyFile[]> {
    const { folder, settle_ms } = this.#setup;
    if (folder === undefined) return this.#files;
    const now = readPolicyFolder(folder);
    return contentDigest(now) === this.#served ? now : readFolder(folder, settle_ms);
  }

  adopt(policy: LoadedPolicy): void {
    const files = this.#proposed.get(policy);
    if (files === undefined) throw new TypeError('only a policy this source proposed can be adopted');
    this.#current = policy;
    this.#files = files;
    this.#served = contentDigest(files);
    this.#problems = [];
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(work);
    this.#queue = next.catch(() => undefined);
    return next;
  }

  reload(options: ReloadOptions = {}): Promise<Reloaded> {
    return this.inTurn(() => this.#reloadNow(options));
  }

  async #reloadNow(options: ReloadOptions): Promise<Reloaded> {
    const proposal = await this.propose(options);
    const outcome = proposal.kind === 'candidate' ? await this.#take(proposal, options.commit) : proposal;
    // Who sent files is told; of the folder they say nothing.
    if (options.files !== undefined) return outcome;
    const told = this.#problems;
    this.#problems = outcome.kind === 'bad' ? outcome.problems : [];
    // One bad save is reported once, however often the folder is looked at.
    const again = outcome.kind === 'bad' && sameProblems(outcome.problems, told);
    if (outcome.kind === 'unchanged') this.#setup.unchanged?.();
    else if (!again) this.#setup.reloaded?.(outcome);
    return outcome;
  }

  async #take(
    proposal: Extract<Proposal, { kind: 'candidate' }>,
    commit = this.#setup.commit,
  ): Promise<Reloaded> {
    try {
      // Durable first: after a crash here the new policy is loaded at start, under the new epoch.
      await commit?.(proposal);
    } catch (error) {
      return { kind: 'not_committed', error };
    }
    this.adopt(proposal.policy);
    return proposal;
  }

  watch(): void {
    const { folder } = this.#setup;
    if (folder === undefined) return;
    this.#stopWatching ??= watchFolder(folder, () => {
      // A reload that throws is a defect of this program, not of the policy; the last good policy stays in force.
      this.#look().catch((error: unknown) => this.#setup.reloaded?.({ kind: 'not_committed', error }));
    });
  }

  async #look(): Promise<void> {
    if ((await this.#setup.ready?.()) !== false) await this.reload();
  }

  async close(): Promise<void> {
    this.#stopWatching?.();
    await this.#queue;
  }
}

const sameProblems = (a: readonly PolicyProblem[], b: readonly PolicyProblem[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
