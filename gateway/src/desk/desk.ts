/**
 * The policy desk: what people who write the policy ask of it — which rules decide, what a draft says and would do —
 * answered from what is in force and what is on record. It changes nothing, and nothing it answers is a decision.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { PolicyFiles } from '@countersign/sdk';
import type { PolicyDesk } from '../api/ports.ts';
import type { Changes, World } from '../authority/changes.ts';
import { policyPlace } from '../config/config.ts';
import type { Deps } from '../deps.ts';
import { type InForce, loadOptionsOf } from '../in-force/policy.ts';
import type { Proposals } from '../in-force/proposals.ts';
import { contentDigest } from '../policy/source/files.ts';
import { vocabularyOf } from '../policy/vocabulary.ts';
import { createApart } from './apart/apart.ts';
import type { Simulate, Suggest } from './apart/messages.ts';
import { type SentWorld, sentWorld } from './apart/world.ts';
import { coverageSince, keepCounting } from './coverage.ts';
import { agentPolicy, type Moment } from './powers/agent.ts';
import { personPolicy } from './powers/person.ts';
import { type Question, reply } from './replay/questions.ts';
import { withoutHidden } from './suggest/hidden.ts';

const USUAL_SPAN_MS = 7 * 86_400_000;
const SUGGESTING_SPAN_MS = 30 * 86_400_000;
const EVALUATIONS_MAX = 100_000;
/** Then it says how far it came; what does not even do that is cut off. */
const SIMULATION_MS_MAX = 18_000;

/** `start`: what it does between being asked; returns the way to stop. */
export type Desk = PolicyDesk & { start(): () => Promise<void> };

export type DeskParts = {
  readonly deps: Pick<Deps, 'store' | 'authority' | 'masking' | 'now' | 'log'>;
  readonly policy: InForce;
  readonly changes: Pick<Changes, 'world'>;
  readonly proposals: Pick<Proposals, 'propose'>;
};

export function openDesk({ deps, policy, changes, proposals }: DeskParts): Desk {
  const { store, authority, masking, now, log } = deps;
  const parts = {
    world: sentOnce(changes.world),
    reply: (question: Question) => reply(store, question),
    onTrouble: (why: string) => log.error({}, why),
  };
  // Somebody who writes does not wait for somebody who tries.
  const [checking, trying] = [createApart(parts), createApart(parts)];
  const onRecord = (since: number | undefined, span_ms: number) => {
    const until = now();
    return {
      inForce: policy.source.files(),
      version: policy.source.current().ref.version,
      operators: authority.current().operators,
      since: since ?? until - span_ms,
      until,
      time_ms_max: SIMULATION_MS_MAX,
    };
  };
  /** Read together, between two changes: never kept. */
  const moment = (): Moment => ({
    policy: policy.source.current(),
    snapshot: authority.current(),
    config: changes.world().config,
    now: now(),
  });
  return {
    ofAgent: (id) => agentPolicy(store, moment(), id),
    ofPerson: (id) => personPolicy(moment(), id),
    coverage: (since) => coverageSince({ store, now, policy: () => policy.source.current() }, since),
    files: () => filesOf(policy),
    vocabulary: () => vocabularyOf(loadOptionsOf(changes.world()), toolsOf(changes.world())),
    check: ({ files }, by) => checking.do({ kind: 'check', draft: files }, by),
    simulate: ({ files, since, evaluations_max = EVALUATIONS_MAX }, by) => {
      const job: Simulate = { ...onRecord(since, USUAL_SPAN_MS), draft: files, evaluations_max };
      return trying.do({ kind: 'simulate', ...job }, by);
    },
    suggestions: async (since, by) => {
      const job: Suggest = { ...onRecord(since, SUGGESTING_SPAN_MS), folder: folderOf(changes.world()) };
      const found = await trying.do({ kind: 'suggest', ...job }, by);
      return found.kind === 'done' ? { kind: 'done', result: withoutHidden(found.result, masking) } : found;
    },
    patch: ({ files }, by) => {
      const folder = folderOf(changes.world());
      return checking.do({ kind: 'patch', before: policy.source.files(), after: files, folder }, by);
    },
    propose: async ({ files, base }, by) => {
      if (policy.kind === 'files') return FROM_FILES;
      const checked = await checking.do({ kind: 'check', draft: files }, by);
      if (checked.kind !== 'done') return checked;
      if (!checked.result.ok) return { kind: 'bad', problems: checked.result.problems };
      return proposals.propose({ files, base, by });
    },
    start: () => {
      const stop = keepCounting(store, (error) =>
        log.warn({ error: String(error) }, 'how often rules decide could not be counted; it is tried again'),
      );
      return async () => {
        await Promise.all([stop(), checking.close(), trying.close()]);
      };
    },
  };
}

/** The same world is the same thing to send: the thread is told when it is another. */
function sentOnce(world: () => World): () => SentWorld {
  let known: { readonly world: World; readonly sent: SentWorld } | undefined;
  return () => {
    const now = world();
    if (known?.world !== now) known = { world: now, sent: sentWorld(loadOptionsOf(now), now.pins) };
    return known.sent;
  };
}

const FROM_FILES = {
  kind: 'refused',
  why: 'wrong_state',
  message:
    'the policy comes from files: change it where they are kept; POST /api/policy/patch writes the change as a patch',
} as const;

/** Its name below the configuration, for a patch; of a folder elsewhere only its own. */
function folderOf({ config }: World): string {
  const named = path.posix.normalize(policyPlace(config).folder.replaceAll('\\', '/'));
  return path.posix.isAbsolute(named) || named.startsWith('..')
    ? path.posix.basename(named)
    : named.replace(/\/$/, '').replace(/^\.$/, '');
}

const toolsOf = ({ pins }: World) =>
  [...pins]
    .map(([key, pin]) => {
      const [upstream = '', tool = ''] = key.split('\n');
      return { upstream, tool, class: pin.class };
    })
    .toSorted((a, b) => (a.upstream + a.tool < b.upstream + b.tool ? -1 : 1));

function filesOf({ kind, source, shown }: InForce): PolicyFiles {
  const files = source.files();
  return {
    source: kind,
    policy_digest: source.current().ref.digest,
    digest: contentDigest(files),
    loaded_at: shown().loaded_at,
    files: files.map(({ path, text }) => ({
      path,
      text,
      digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    })),
  };
}
