/**
 * Shapes of what people ask of the policy: what it says and would do, what it lets an agent do and asks a person. As the
 * client has them, to the letter; nothing here decides.
 */
import { RISKS } from '@countersign/core';
import type {
  PolicyCheck,
  PolicyCoverage,
  PolicyDraft,
  PolicyFiles,
  PolicyPatch,
  PolicyProposalInput,
  PolicySimulation,
  PolicySuggestion,
  PolicySuggestions,
  PolicyTaken,
  PolicyVocabulary,
  SimulatedDecision,
  SimulationInput,
} from '@countersign/sdk';
import { NOT_REPLAYED, NOT_SUGGESTED, type NotReplayedWhy, type NotSuggestedWhy } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { requirement } from '../decision.ts';
import { describes } from '../describes.ts';
import { digest, digestOut, json, jsonObject, text, time, timeParameter } from '../values.ts';

export const coverageQuery = z.strictObject({ since: timeParameter.exactOptional() });

const counts = {
  allowed: z.int().openapi({ description: 'Ran at once.' }),
  asked: z.int().openapi({ description: 'Requests opened.' }),
  reviewed: z
    .int()
    .openapi({ description: 'Ran after people were asked: reviewed, under a grant, or with broken glass.' }),
  refused: z.int().openapi({ description: 'Refused, or told to request access first.' }),
  last_hit: time.exactOptional().openapi({ description: 'Over all time; absent: never.' }),
};

export const policyCoverage = describes<PolicyCoverage>()(
  z
    .object({
      since: time,
      until: time,
      policy: z.object({ digest: digestOut, version: text }),
      rules: z.array(
        z.object({ rule: text, file: text, line: z.int(), then: text, dry_run: z.boolean(), ...counts }),
      ),
      others: z.array(z.object({ rule: text, ...counts })),
      complete: z.boolean(),
    })
    .openapi('PolicyCoverage'),
);

const place = { rule: text, file: text, line: z.int() };
const file = { path: text, text };

export const policyFiles = describes<PolicyFiles>()(
  z
    .object({
      source: z.enum(['files', 'store']),
      policy_digest: digestOut,
      digest: digestOut,
      loaded_at: time,
      files: z.array(z.object({ ...file, digest: digestOut })),
    })
    .openapi('PolicyFiles'),
);

/** What a file may be called and how large it may be, the checker says: with its place, like every other fault. */
const draftFiles = z.array(z.strictObject({ path: z.string().max(1024), text })).max(10_000);

export const policyDraft = describes<PolicyDraft>()(
  z
    .strictObject({
      files: draftFiles.openapi({ description: 'Every file: what is not here would not be in it.' }),
    })
    .openapi('PolicyDraft'),
);

const policyProblem = z
  .object({
    file: text,
    line: z.int(),
    column: z.int(),
    length: z.int(),
    rule: text.exactOptional(),
    key: text.exactOptional(),
    message: text,
    likely: text.exactOptional(),
    fix: text.exactOptional(),
    source: text.exactOptional(),
  })
  .openapi('PolicyProblem');

export const policyCheck = describes<PolicyCheck>()(
  z
    .object({
      ok: z.boolean(),
      problems: z.array(policyProblem),
      advice: z.array(policyProblem),
      tests: z.array(z.object({ file: text, line: z.int(), name: text, ok: z.boolean() })),
      never_matching: z.array(z.object(place)),
      rules: z.int(),
      digest: digestOut.exactOptional(),
    })
    .openapi('PolicyCheck'),
);

const texts = z.array(text);
const fact = z
  .object({ path: text, type: text, values: texts.exactOptional(), about: text.exactOptional() })
  .openapi('PolicyFact');

export const policyVocabulary = describes<PolicyVocabulary>()(
  z
    .object({
      rule: z.array(z.object({ key: text, only_with: texts.exactOptional() })),
      where: texts,
      effects: texts,
      risks: texts,
      proofs: texts,
      test: z.object({ evaluation: texts, want: texts }),
      confidences: texts,
      bindings: z.array(z.object({ name: text, obligations: texts, facts: z.array(fact) })),
      facts: z.array(fact),
      functions: z.array(
        z.object({ name: text, kind: z.enum(['function', 'method', 'loop']), answers: text }),
      ),
      instead: z.array(z.object({ name: text, write: text })),
      names: z.object({
        groups: texts,
        people: texts,
        upstreams: texts,
        envs: texts,
        agents: texts,
        teams: texts,
      }),
      tools: z.array(z.object({ upstream: text, tool: text, class: text, facts: z.array(fact) })),
    })
    .openapi('PolicyVocabulary'),
);

const EVALUATIONS_MAX = 100_000;

export const simulationInput = describes<SimulationInput>()(
  z
    .strictObject({
      files: draftFiles,
      since: time.min(0).exactOptional(),
      evaluations_max: z.int().min(1).max(EVALUATIONS_MAX).exactOptional(),
    })
    .openapi('SimulationInput'),
);

const effect = z.enum(['allow', 'require', 'deny']);
const simulatedDecision = describes<SimulatedDecision>()(
  z
    .object({
      effect,
      risk: z.enum(RISKS).exactOptional(),
      requirement: requirement.exactOptional(),
      obligations: z.array(z.object({ type: text, properties: jsonObject })).exactOptional(),
    })
    .openapi('SimulatedDecision'),
);
const example = z.object({
  event_id: text,
  occurred_at: time,
  request_id: text.exactOptional(),
  execution_id: text.exactOptional(),
  outcome: text,
  from_rules: texts,
  to_rules: texts,
});
const change = z
  .object({
    agent: text,
    upstream: text,
    action: text,
    resource: text,
    what: z.enum(['effect', 'review', 'obligations', 'risk']),
    direction: z.enum(['looser', 'stricter', 'different']),
    from: simulatedDecision,
    to: simulatedDecision,
    count: z.int(),
    first_at: time,
    last_at: time,
    examples: z.array(example),
  })
  .openapi('SimulatedChange');
const reasons = Object.keys(NOT_REPLAYED) as [NotReplayedWhy, ...NotReplayedWhy[]];

export const policySimulation = describes<PolicySimulation>()(
  z
    .object({
      since: time,
      until: time,
      reached: time.exactOptional().openapi({ description: 'The oldest looked at, where it stopped early.' }),
      stopped: z.enum(['time', 'evaluations']).exactOptional(),
      policy: z.object({ digest: digestOut, version: text }),
      check: policyCheck,
      replayed: z.int(),
      replayed_partly: z.int(),
      changed: z.int(),
      decided_otherwise_then: z.int(),
      again: z.int(),
      changes: z.array(change),
      changes_left_out: z.int(),
      not_replayed: z.array(
        z.object({
          why: z.enum(reasons).openapi({
            description: Object.entries(NOT_REPLAYED)
              .map(([why, words]) => `\`${why}\`: ${words}`)
              .join('; '),
          }),
          count: z.int(),
          examples: texts,
        }),
      ),
      rules: z.array(
        z.object({ ...place, then: effect, decided: z.int(), outranked: z.int(), would_have: z.int() }),
      ),
    })
    .openapi('PolicySimulation'),
);

export const policyPatch = describes<PolicyPatch>()(
  z
    .object({
      patch: text,
      folder: text,
      files: z.array(
        z.object({
          path: text,
          change: z.enum(['added', 'removed', 'changed']),
          lines_added: z.int(),
          lines_removed: z.int(),
        }),
      ),
    })
    .openapi('PolicyPatch'),
);

export const policyProposalInput = describes<PolicyProposalInput>()(
  z
    .strictObject({
      files: draftFiles,
      base: digest.openapi({
        description: '`digest` of the files it was made from (GET /api/policy/files).',
      }),
    })
    .openapi('PolicyProposalInput'),
);

export const policyTaken = describes<PolicyTaken>()(
  z
    .object({ status: z.literal('in_force'), digest: digestOut, unseen: text.exactOptional() })
    .openapi('PolicyTaken'),
);

const suggestion = describes<PolicySuggestion>()(
  z
    .object({
      rule: text,
      file: text,
      line: z.int(),
      agent: text,
      upstream: text,
      resource: text,
      env: text,
      class: text,
      requests: z.int(),
      reviewers: z.int(),
      first_at: time,
      last_at: time,
      arguments: z.array(
        z.object({ path: text, how: z.enum(['is', 'one_of', 'inside']), values: z.array(json) }),
      ),
      open: texts,
      explains: texts,
      proposed: z.object({ id: text, text }),
      asks_when: text,
      files: z.array(z.object(file)),
      patch: text,
      simulated: z.object({
        replayed: z.int(),
        changed: z.int(),
        not_replayed: z.int(),
        stopped: z.enum(['time', 'evaluations']).exactOptional(),
      }),
    })
    .openapi('PolicySuggestion'),
);
const noReasons = Object.keys(NOT_SUGGESTED) as [NotSuggestedWhy, ...NotSuggestedWhy[]];

export const policySuggestions = describes<PolicySuggestions>()(
  z
    .object({
      since: time,
      until: time,
      requests: z.int(),
      stopped: z.enum(['time', 'requests']).exactOptional(),
      suggestions: z.array(suggestion),
      not_suggested: z.array(
        z.object({
          rule: text,
          why: z.enum(noReasons).openapi({
            description: Object.entries(NOT_SUGGESTED)
              .map(([why, words]) => `\`${why}\`: ${words}`)
              .join('; '),
          }),
          requests: z.int(),
          agent: text.exactOptional(),
          upstream: text.exactOptional(),
          resource: text.exactOptional(),
          detail: text.exactOptional(),
        }),
      ),
    })
    .openapi('PolicySuggestions'),
);
