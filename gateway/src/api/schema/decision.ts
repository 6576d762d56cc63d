/** Shapes of what policy decided and who must review: the core's own types, described for the wire. */
import {
  type Act,
  type BreakGlass,
  type By,
  type Eligibility,
  type Explanation,
  type GrantTerms,
  INELIGIBLE,
  type Ineligible,
  PROOFS,
  type Principal,
  type Quorum,
  type Requirement,
  RISKS,
  type RuleHit,
  type Seat,
  type Values,
} from '@countersign/core';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { digestOut, json, jsonObject, text } from './values.ts';

const by = z
  .custom<By>((value) => typeof value === 'string')
  .openapi({ type: 'string', example: 'group:dba' });
const seat = describes<Seat>()(z.object({ by, count: z.int(), proof: z.enum(PROOFS) }));

const stage = {
  seats: z.array(seat),
  choices: z.array(z.object({ rule: text, anyOf: z.array(z.array(seat)) })),
};

export const grantTerms = describes<GrantTerms>()(
  z.strictObject({ lasts_ms: z.int(), uses: z.int() }).openapi('GrantTerms'),
);

const breakGlass = describes<BreakGlass>()(
  z.object({ by: z.array(by), notify: z.array(by), review: z.array(by) }).openapi('BreakGlass'),
);

export const requirement = describes<Requirement>()(
  z
    .object({
      ...stage,
      next: z.array(z.object(stage)).exactOptional().openapi({
        description: 'The stages that follow, one after the other. Absent where there is only one.',
      }),
      exclude: z.array(by),
      within_ms: z.int(),
      valid_ms: z.int(),
      uses: z.int(),
      grant: grantTerms
        .exactOptional()
        .openapi({ description: 'The most a grant may be; absent where none may be given.' }),
      break_glass: breakGlass.exactOptional().openapi({
        description:
          'Who may let it through alone in an emergency, who is told, who reviews it afterwards: in `by` and `review`, whoever fits all of the list. Absent where nobody may.',
      }),
    })
    .openapi('Requirement'),
);

const values = describes<Values>()(z.record(text, json));

const ruleHit = describes<RuleHit>()(
  z
    .object({
      rule: text,
      about: text,
      file: text,
      line: z.int(),
      then: z.enum(['allow', 'require', 'deny']),
      risk: z.enum(RISKS).exactOptional(),
      opaque: z.boolean(),
      dry_run: z.boolean(),
      values,
      error: text.exactOptional(),
      requirement: requirement.exactOptional(),
      obligations: z.array(z.object({ id: text, type: text, properties: jsonObject })),
    })
    .openapi('RuleHit'),
);

export const policyRef = z.object({ id: text, version: text, digest: digestOut });

export const explanation = describes<Explanation>()(
  z
    .object({
      policy: policyRef,
      deciding: z.array(ruleHit),
      outranked: z.array(ruleHit),
      would_have: z.array(ruleHit),
    })
    .openapi('Explanation'),
);

const act: z.ZodType<Act> = z
  .object({
    iss: text,
    sub: text,
    sub_profile: z.literal('ai_agent'),
    get act() {
      return act.exactOptional();
    },
  })
  .openapi('Act');

export const principal = describes<Principal>()(
  z
    .object({
      tenant: text,
      agent: text,
      owner: text.nullable(),
      team: text.nullable(),
      subject: z.object({ type: z.enum(['agent', 'identity']), id: text }),
      act: act.exactOptional(),
    })
    .openapi('Principal'),
);

const reasons = Object.keys(INELIGIBLE) as [Ineligible, ...Ineligible[]];
export const ineligible = z.enum(reasons);
export const eligibility = describes<Eligibility>()(
  z
    .discriminatedUnion('eligible', [
      z.object({ eligible: z.literal(true), for: z.array(text).exactOptional() }),
      z.object({ eligible: z.literal(false), why: ineligible }),
    ])
    .openapi('Eligibility'),
);

export const quorum = describes<Quorum>()(
  z
    .object({
      met: z.boolean(),
      filled: z.int(),
      needed: z.int(),
      stage: z.int().exactOptional(),
      stages: z.int().exactOptional(),
    })
    .openapi('Quorum'),
);
