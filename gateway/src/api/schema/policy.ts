/** Shapes of what people who write the policy look at. */
import type {
  PolicyCheck,
  PolicyCoverage,
  PolicyDraft,
  PolicyFiles,
  PolicyVocabulary,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { digestOut, text, time, timeParameter } from './values.ts';

export const coverageQuery = z.strictObject({ since: timeParameter.exactOptional() });

const counts = {
  allowed: z.int().openapi({ description: 'Ran at once.' }),
  asked: z.int().openapi({ description: 'Requests opened.' }),
  reviewed: z.int().openapi({ description: 'Ran after a review, or under a grant.' }),
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
      source: z.literal('files'),
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
