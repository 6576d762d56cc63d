/**
 * The policy in force: the folder's files, loaded against the people, agents, upstreams and tools of this installation,
 * taken up again whenever any of these change.
 */
import path from 'node:path';
import { type AskedRequirement, everySeat, type Json, PROOFS, type Proof, stagesOf } from '@countersign/core';
import type { PolicyRule, Policy as ShownPolicy } from '@countersign/sdk';
import { accessBinding } from '../api/access/binding.ts';
import { pinKey } from '../authority/authority.ts';
import {
  type Applied,
  type Changes,
  type Draft,
  NotCommitted,
  type Rebuild,
  type World,
} from '../authority/changes.ts';
import type { PolicySourceKind } from '../config/config.ts';
import type { Log } from '../events.ts';
import type { Agree, Agreement } from '../operations/agree.ts';
import {
  OPERATION_ENV,
  OPERATIONS,
  OPERATOR_AGENT,
  type Operation,
  operationsBinding,
} from '../operations/operation.ts';
import { passkeySite } from '../passkeys/site.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import { formatPolicyErrors } from '../policy/problems/format.ts';
import type { PolicyProblem } from '../policy/problems/problem.ts';
import type { LoadOptions } from '../policy/rules/options.ts';
import { contentDigest, type PolicyFile, policyDigest, readPolicyFolder } from '../policy/source/files.ts';
import {
  type Candidate,
  createPolicySource,
  type PolicySource,
  type Reloaded,
} from '../policy/source/source.ts';
import { mcpBinding } from '../protocols/mcp/binding.ts';
import { TOOL_CLASSES } from '../protocols/mcp/tools/pins.ts';
import { type KeptPolicy, keepPolicy } from './kept.ts';
import { NotAgreed, type Waiting, whileMoving } from './not-agreed.ts';
import { policyChange, policyProposal } from './policy-change.ts';

/** What became of a policy somebody proposed. */
export type ProposalOutcome =
  /** `review`: who saw it, or plainly that nobody did; absent where no rule changed. */
  | { readonly kind: 'in_force'; readonly review?: Json }
  | Exclude<Agreement, { readonly kind: 'agreed' }>
  | { readonly kind: 'bad'; readonly problems: readonly PolicyProblem[] };

export type InForce = {
  readonly kind: PolicySourceKind;
  readonly source: PolicySource;
  readonly rebuild: Rebuild;
  /** Makes this the policy, or asks those who must agree. Its tests were run. */
  propose(files: readonly PolicyFile[], by: string): Promise<ProposalOutcome>;
  /** The files this gateway has under that digest; undefined: it has others. @throws PolicyError for a folder that cannot be read */
  filesOf(kept: KeptPolicy): readonly PolicyFile[] | undefined;
  /** Another process made this the policy, or changed what it was loaded against; undefined: only what stands beside it. */
  serve(policy: LoadedPolicy | undefined): void;
  shown(): ShownPolicy;
};

/** A signed-in person proves that much; a key of their own needs a name browsers make keys for. */
const proofsOf = (public_url: string): readonly Proof[] =>
  passkeySite(public_url).ok ? PROOFS : ['session', 'recent'];

const isMade = (name: string): boolean => name.includes('{');
/** What a name made of claims begins with, whatever they are. */
const headOf = (name: string): string => name.slice(0, name.indexOf('{'));

/** Every class a binding gives an action. */
const CLASSES = [...TOOL_CLASSES, 'session', 'answer', 'operation'];

/** What a policy may name, and what it can be checked against. */
export function loadOptionsOf({ config, pins, roster }: World): LoadOptions {
  const providers = [...Object.values(config.sign_in.oidc), ...Object.values(config.scim)];
  const fed = new Set(providers.flatMap(({ groups }) => Object.values(groups)));
  const agents = Object.values(config.agents);
  const rules = config.workload_identity.flatMap((issuer) => issuer.agents);
  const plain = rules.filter(({ agent }) => !isMade(agent));
  return {
    bindings: [mcpBinding, accessBinding, operationsBinding],
    proofs: proofsOf(config.public_url),
    known: {
      groups: Object.keys(config.groups),
      members: Object.fromEntries(
        // How many a provider puts into a group is its affair, and changes.
        Object.entries(config.groups)
          .filter(([group]) => !fed.has(group))
          .map(([group, members]) => [group, members.length]),
      ),
      people: [...Object.keys(config.people), ...roster.people.keys()],
      upstreams: [...Object.keys(config.upstreams), 'access', OPERATIONS],
      envs: [...new Set(Object.values(config.upstreams).map(({ env }) => env)), 'external', OPERATION_ENV],
      classes: CLASSES,
      agents: [...Object.keys(config.agents), ...plain.map(({ agent }) => agent), OPERATOR_AGENT],
      teams: [
        ...new Set(
          [...agents, ...rules].flatMap(({ team }) => (team === undefined || isMade(team) ? [] : [team])),
        ),
      ],
      made: {
        agents: rules.flatMap(({ agent }) => (isMade(agent) ? [headOf(agent)] : [])),
        teams: rules.flatMap(({ team }) => (team !== undefined && isMade(team) ? [headOf(team)] : [])),
      },
    },
    toolArguments: (upstream, tool) => {
      const schema = pins.get(pinKey(upstream, tool))?.definition['inputSchema'];
      return typeof schema === 'object' && schema !== null && !Array.isArray(schema)
        ? (schema as LoadSchema)
        : undefined;
    },
  };
}
type LoadSchema = NonNullable<ReturnType<NonNullable<LoadOptions['toolArguments']>>>;

export type InForceOptions = {
  readonly kind?: PolicySourceKind;
  readonly folder: string;
  /** What people agreed to last, where that is to be served whatever the folder holds by now. */
  readonly first?: readonly PolicyFile[];
  readonly changes: Changes;
  readonly agree: Agree;
  /** The files are what is served again: what was asked about others is withdrawn. */
  readonly withdrawn?: () => Promise<void>;
  /** Awaited before changed files are taken up; false: they are not. */
  readonly ready?: () => Promise<boolean>;
  readonly log: Log;
  readonly now: () => number;
};

/** What is said of the policy beside what it is. */
type Said = {
  loaded_at: number;
  waiting: Waiting | undefined;
  /** A changed folder that another change overtook: it is looked at again once that is served here. */
  overtaken: boolean;
};

/** @throws PolicyError with every fault: a gateway does not start on a bad policy */
export async function openPolicy(options: InForceOptions): Promise<InForce> {
  const { kind = 'files', folder, first, changes, withdrawn, ready, log, now } = options;
  const said: Said = { loaded_at: now(), waiting: undefined, overtaken: false };
  const committed = committing(options, said);
  const told = (outcome: Reloaded): void => {
    said.overtaken = outcome.kind === 'not_committed' && outcome.error instanceof NotCommitted;
    const before = said.waiting?.message;
    if (outcome.kind === 'not_committed' && outcome.error instanceof NotAgreed) {
      said.waiting = outcome.error.waiting;
      // One changed file is told once, however often the folder is looked at.
      if (said.waiting.message === before) return;
    }
    report(log, outcome);
  };
  const source = await createPolicySource({
    ...(kind === 'store' ? {} : { folder: path.resolve(folder) }),
    ...(first === undefined ? {} : { first }),
    options: () => loadOptionsOf(changes.world()),
    commit: committed(changes),
    reloaded: told,
    ...(ready === undefined ? {} : { ready }),
    unchanged: () => {
      // There is no folder that could say again what is in force.
      if (kind === 'store') return;
      said.waiting = undefined;
      withdrawn?.().catch((error: unknown) =>
        log.warn({ error: String(error) }, 'what was asked about other policy files could not be withdrawn'),
      );
    },
  });
  const rebuilt = (draft: Draft, served: boolean): Promise<Reloaded> =>
    source.reload({
      force: true,
      served,
      options: () => loadOptionsOf(draft.world),
      commit: committed(draft),
    });
  return {
    kind,
    source,
    propose: (files, by) => propose({ source, files, by }, (asking) => committed(changes, asking)),
    rebuild: async (draft) => {
      let outcome = await rebuilt(draft, false);
      // A file nobody has agreed to yet holds up no other change: that is made beside the policy people know.
      if (outcome.kind === 'not_committed' && outcome.error instanceof NotAgreed)
        outcome = await rebuilt(draft, true);
      return appliedAs(outcome);
    },
    filesOf: (kept) => filesOf(source, kept, kind === 'store' ? undefined : path.resolve(folder)),
    serve: (policy) => {
      if (policy !== undefined && policy.ref.digest !== source.current().ref.digest)
        Object.assign(said, { loaded_at: now(), waiting: undefined });
      if (policy !== undefined) source.adopt(policy);
      // What is served already is not looked at again: that would withdraw what other gateways ask about other files.
      if (said.overtaken && kind !== 'store' && !isServed(source, path.resolve(folder))) void source.reload();
      said.overtaken = false;
    },
    shown: () => ({ ...shownPolicy(source, said.waiting), loaded_at: said.loaded_at }),
  };
}

type Commit = (candidate: Candidate) => Promise<void>;

/** Nothing is served that people have yet to agree to: then it throws, and the last policy stays. */
const committing =
  ({ agree, now }: InForceOptions, told: Said) =>
  (to: Pick<Changes, 'commit'>, asking: Asking = { operation: policyChange }): Commit =>
  async (candidate) => {
    const { policy, files } = candidate;
    const record = recordOf(candidate);
    const keep = keepPolicy(policy.ref, files, now());
    if (record === undefined) {
      await to.commit(policy, undefined, { steps: keep, events: [] });
      return;
    }
    await whileMoving(async () => {
      const agreement = await agree(asking.operation(candidate));
      if (agreement.kind !== 'agreed')
        throw new NotAgreed(agreement, { what: 'policy', digest: policy.ref.digest });
      const { beside, review } = agreement;
      const { by } = asking;
      const said = { ...record, ...(by === undefined ? {} : { by }) };
      const reviewed = { ...said, predicate: { ...record.predicate, review } };
      asking.agreed?.(review);
      await to.commit(policy, reviewed, { ...beside, steps: [...beside.steps, ...keep] });
    });
    Object.assign(told, { loaded_at: now(), waiting: undefined });
  };

type Proposed = {
  readonly source: PolicySource;
  readonly files: readonly PolicyFile[];
  readonly by: string;
};

async function propose(
  { source, files, by }: Proposed,
  committed: (asking: Asking) => Commit,
): Promise<ProposalOutcome> {
  const agreed: { review?: Json } = {};
  const asking: Asking = {
    operation: (candidate) => policyProposal(candidate, { by, before: source.files() }),
    by,
    agreed: (review) => {
      agreed.review = review;
    },
  };
  const outcome = await source.reload({ files, tested: true, commit: committed(asking) });
  return proposedAs(outcome, agreed);
}

function isServed(source: PolicySource, folder: string): boolean {
  try {
    return contentDigest(readPolicyFolder(folder)) === contentDigest(source.files());
  } catch {
    return false; // it is read again, and what is wrong with it is said
  }
}

/** @param folder undefined: the store keeps the policy */
function filesOf(
  source: PolicySource,
  { digest, files }: KeptPolicy,
  folder: string | undefined,
): readonly PolicyFile[] | undefined {
  const served = source.files();
  if (policyDigest(served) === digest) return served;
  const here = folder === undefined ? files : readPolicyFolder(folder);
  return policyDigest(here) === digest ? here : undefined;
}

type Asking = {
  readonly operation: (candidate: Candidate) => Operation;
  readonly by?: string;
  readonly agreed?: (review: Json) => void;
};

function proposedAs(outcome: Reloaded, agreed: { readonly review?: Json }): ProposalOutcome {
  if (outcome.kind === 'candidate') return { kind: 'in_force', ...agreed };
  if (outcome.kind === 'unchanged')
    return { kind: 'refused', why: 'wrong_state', message: 'files: this is the policy in force' };
  if (outcome.kind === 'bad') return outcome;
  if (outcome.error instanceof NotAgreed) return outcome.error.agreement;
  if (outcome.error instanceof NotCommitted)
    return { kind: 'refused', why: 'wrong_state', message: outcome.error.message };
  throw outcome.error;
}

function appliedAs(outcome: Reloaded): Applied {
  if (outcome.kind === 'candidate' || outcome.kind === 'unchanged') return { ok: true };
  if (outcome.kind === 'bad') {
    const [first] = outcome.problems;
    return {
      ok: false,
      why: `The policy would no longer load: ${first === undefined ? 'unknown problem' : formatPolicyErrors([first])}`,
    };
  }
  if (outcome.error instanceof NotCommitted) return { ok: false, why: outcome.error.message };
  throw outcome.error;
}

/** No entry when the rules are what they were: only what they were checked against has changed. */
function recordOf({ policy, previous, diff }: Candidate) {
  if (policy.ref.digest === previous.ref.digest) return undefined;
  return {
    kind: 'policy-change' as const,
    task_id: 'policy',
    predicate: {
      before: previous.ref.digest,
      after: policy.ref.digest,
      version: policy.ref.version,
      added: diff.added,
      removed: diff.removed,
      changed: diff.changed.map(({ rule, keys }) => ({ rule, keys })),
    },
  };
}

function report(log: Log, outcome: Reloaded): void {
  if (outcome.kind === 'bad') {
    for (const problem of outcome.problems)
      log.error({}, `policy not taken up: ${formatPolicyErrors([problem])}`);
  } else if (outcome.kind === 'not_committed' && outcome.error instanceof NotAgreed) {
    log.warn(outcome.error.waiting, outcome.error.message);
  } else if (outcome.kind === 'not_committed') {
    log.error({ error: String(outcome.error) }, 'policy not taken up: its change could not be recorded');
  }
}

/** Whom a rule asks, in any stage or alternative, and whom it excludes: for people to see who may review what. */
const whoIsAsked = (requirement: AskedRequirement): NonNullable<PolicyRule['asks']> => ({
  by: [...new Set(everySeat(stagesOf(requirement)).map(({ by }) => by))],
  exclude: requirement.exclude,
});

function shownPolicy(source: PolicySource, waiting: Waiting | undefined): Omit<ShownPolicy, 'loaded_at'> {
  const policy = source.current();
  return {
    ...policy.ref,
    rules: policy.rules.map(({ id, about, file, line, on, then, dry_run, requirement }) => ({
      id,
      about,
      file,
      line,
      on,
      then,
      dry_run,
      ...(requirement === undefined ? {} : { asks: whoIsAsked(requirement) }),
    })),
    load_errors: [
      ...source.problems().map((problem) => formatPolicyErrors([problem])),
      ...(waiting === undefined ? [] : [waiting.message]),
    ],
    ...(waiting?.request_id === undefined
      ? {}
      : { waiting: { digest: waiting.digest, request_id: waiting.request_id } }),
  };
}
