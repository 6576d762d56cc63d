/**
 * The policy in force: the folder's files, loaded against the people, agents, upstreams and tools of this installation,
 * taken up again whenever any of these change.
 */
import path from 'node:path';
import { PROOFS, type Proof } from '@countersign/core';
import type { Policy as ShownPolicy } from '@countersign/sdk';
import { accessBinding } from '../api/access/binding.ts';
import { pinKey } from '../authority/authority.ts';
import { type Changes, NotCommitted, type Rebuild, type World } from '../authority/changes.ts';
import type { Log } from '../events.ts';
import { passkeySite } from '../passkeys/site.ts';
import { formatPolicyErrors } from '../policy/problems/format.ts';
import type { LoadOptions } from '../policy/rules/options.ts';
import {
  type Candidate,
  createPolicySource,
  type PolicySource,
  type Reloaded,
} from '../policy/source/source.ts';
import { mcpBinding } from '../protocols/mcp/binding.ts';

export type InForce = {
  readonly source: PolicySource;
  readonly rebuild: Rebuild;
  shown(): ShownPolicy;
};

/** A signed-in person proves that much; a key of their own needs a name browsers make keys for. */
const proofsOf = (public_url: string): readonly Proof[] =>
  passkeySite(public_url).ok ? PROOFS : ['session', 'recent'];

const isMade = (name: string): boolean => name.includes('{');
/** What a name made of claims begins with, whatever they are. */
const headOf = (name: string): string => name.slice(0, name.indexOf('{'));

/** What a policy may name, and what it can be checked against. */
export function loadOptionsOf({ config, pins, roster }: World): LoadOptions {
  const providers = [...Object.values(config.sign_in.oidc), ...Object.values(config.scim)];
  const fed = new Set(providers.flatMap(({ groups }) => Object.values(groups)));
  const agents = Object.values(config.agents);
  const rules = config.workload_identity.flatMap((issuer) => issuer.agents);
  const plain = rules.filter(({ agent }) => !isMade(agent));
  return {
    bindings: [mcpBinding, accessBinding],
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
      upstreams: [...Object.keys(config.upstreams), 'access'],
      envs: [...new Set(Object.values(config.upstreams).map(({ env }) => env)), 'external'],
      agents: [...Object.keys(config.agents), ...plain.map(({ agent }) => agent)],
      teams: [
        ...new Set([...agents, ...rules].flatMap(({ team }) => (team === undefined || isMade(team) ? [] : [team]))),
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
  readonly folder: string;
  readonly changes: Changes;
  readonly log: Log;
  readonly now: () => number;
};

/** @throws PolicyError with every fault: a gateway does not start on a bad policy */
export async function openPolicy({ folder, changes, log, now }: InForceOptions): Promise<InForce> {
  let loaded_at = now();
  const committed =
    (to: Pick<Changes, 'commit'>) =>
    async (candidate: Candidate): Promise<void> => {
      await to.commit(candidate.policy, recordOf(candidate));
      loaded_at = now();
    };
  const source = await createPolicySource({
    folder: path.resolve(folder),
    options: () => loadOptionsOf(changes.world()),
    commit: committed(changes),
    reloaded: (outcome) => report(log, outcome),
  });
  return {
    source,
    rebuild: async (draft) => {
      const outcome = await source.reload({
        force: true,
        options: () => loadOptionsOf(draft.world),
        commit: committed(draft),
      });
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
    },
    shown: () => ({ ...shownPolicy(source), loaded_at }),
  };
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
  } else if (outcome.kind === 'not_committed') {
    log.error({ error: String(outcome.error) }, 'policy not taken up: its change could not be recorded');
  }
}

function shownPolicy(source: PolicySource): Omit<ShownPolicy, 'loaded_at'> {
  const policy = source.current();
  return {
    ...policy.ref,
    rules: policy.rules.map(({ id, about, file, line, on, then, dry_run }) => ({
      id,
      about,
      file,
      line,
      on,
      then,
      dry_run,
    })),
    load_errors: source.problems().map((problem) => formatPolicyErrors([problem])),
  };
}
