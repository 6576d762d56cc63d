/** What one person may review: seats of each rule they can fill now, and of whose agents. Of each rule by itself. */
import {
  type AskedBy,
  type AskedRequirement,
  absenteesOf,
  type By,
  canBeSatIn,
  entitlement,
  glassEligibility,
  hasGivenSeat,
  isSeatedBy,
  judgeEligibility,
  NO_LONGER,
  type Person,
  type Seat,
  stagesOf,
} from '@countersign/core';
import type { PersonPolicy, PersonRule, PersonSeat } from '@countersign/sdk';
import { ACCESS_BINDING } from '../../api/access/binding.ts';
import { patternFits, type Rule } from '../../policy/rules/rule.ts';
import { mcpBinding } from '../../protocols/mcp/binding.ts';
import type { Moment } from './agent.ts';
import { type KnownAgent, knownOf } from './known.ts';
import { caseOf, keyHolders, requirementFor } from './may.ts';
import { inTurns } from './turns.ts';

const RULES_MAX = 500;
/** Of rules times agents looked at, and of those told of a rule (I15). */
const LOOKS_MAX = 5_000;
const AGENTS_MAX = 100;

/** Undefined: nobody is known here under this id. */
export async function personPolicy(moment: Moment, id: string): Promise<PersonPolicy | undefined> {
  const { policy, snapshot, now } = moment;
  const person = snapshot.directory.person(id);
  if (person === undefined) return undefined;
  const sitting = { directory: snapshot.directory, duties: snapshot.duties, now };
  const looking: Looking = {
    ...moment,
    person,
    passkey: keyHolders(snapshot).has(id),
    absent: absenteesOf(person, sitting),
    groups: new Set(Object.keys(moment.config.groups)),
    agents: [...snapshot.agents.all()]
      .map((agent) => knownOf(snapshot, agent.id, now))
      .filter((each) => each !== undefined),
  };
  const asking = policy.rules.filter(({ requirement }) => requirement !== undefined);
  const most = Math.max(1, Math.floor(LOOKS_MAX / Math.max(1, asking.length)));
  const found = await inTurns(asking, (rule) => ruleOf(rule, looking, most));
  const rules = found.filter((rule) => rule !== undefined);
  const { digest, version } = policy.ref;
  const { active, roles } = person;
  return {
    person: id,
    policy: { digest, version },
    at: now,
    standing: !active ? 'inactive' : roles.includes('reviewer') ? 'reviewer' : 'not_a_reviewer',
    operator: active && roles.includes('operator'),
    passkey: looking.passkey,
    away: hasGivenSeat(person, sitting),
    sits_in_for: looking.absent.map((each) => each.id),
    rules: rules.slice(0, RULES_MAX),
    rules_left_out: Math.max(0, rules.length - RULES_MAX),
  };
}

type Looking = Moment & {
  readonly person: Person;
  readonly passkey: boolean;
  /** In whose seats they may sit. */
  readonly absent: readonly Person[];
  readonly groups: ReadonlySet<string>;
  readonly agents: readonly KnownAgent[];
};

/** Undefined: it asks others. */
function ruleOf(rule: Rule, looking: Looking, agents_max: number): PersonRule | undefined {
  const { requirement } = rule;
  if (requirement === undefined) return undefined;
  const seats = seatsOf(requirement, looking);
  const about = rule.on === mcpBinding.name || rule.on === ACCESS_BINDING ? agentsOf(rule, looking) : [];
  const looked = about.slice(0, agents_max);
  const glass = glassOf(rule, looking, looked);
  if (seats.length === 0 && glass === undefined) return undefined;
  const { id, about: text, file, line, on, dry_run } = rule;
  return {
    ...{ rule: id, about: text, file, line, on, dry_run },
    seats,
    ...(glass === undefined ? {} : { break_glass: glass }),
    agents: { ...answersFor(rule, looking, looked), left_out: about.length - looked.length },
  };
}

const isOfTeam = (by: AskedBy): by is Exclude<AskedBy, By> => by === 'own_team' || by === 'other_team';

function seatsOf(requirement: AskedRequirement, looking: Looking): readonly PersonSeat[] {
  const stages = stagesOf(requirement);
  return stages.flatMap(({ seats, choices }, at) =>
    [...seats, ...choices.flatMap(({ anyOf }) => anyOf.flat())].flatMap((seat) => {
      const fills = fillsAs(seat, looking);
      if (fills === undefined) return [];
      const { by, count, proof } = seat;
      const lacks = proof === 'passkey' && !looking.passkey;
      return [
        {
          ...{ stage: at + 1, stages: stages.length, by, count, proof },
          ...fills,
          ...(lacks ? { lacks_passkey: true as const } : {}),
        },
      ];
    }),
  );
}

type Fills = Pick<PersonSeat, 'by_team' | 'instead_of'>;

function fillsAs({ by }: Seat<AskedBy>, { person, absent }: Looking): Fills | undefined {
  // Whoever is in no group is of no team; somebody outside a team there always may be.
  if (isOfTeam(by)) return by === 'own_team' && person.groups.length === 0 ? undefined : { by_team: true };
  if (isSeatedBy(person, by)) return {};
  const instead_of = absent.filter((each) => canBeSatIn(each, by)).map(({ id }) => id);
  return instead_of.length === 0 ? undefined : { instead_of };
}

/** Of the configuration, those its `where` leaves in; of one whose team its token says, whatever that is. */
const agentsOf = ({ where }: Rule, { agents }: Looking): readonly KnownAgent[] =>
  agents.filter(({ principal: { agent, team }, unknown }) => {
    const fits = (patterns: typeof where.agent, value: string): boolean =>
      patterns === undefined || patterns.some((pattern) => patternFits(pattern, value));
    return fits(where.agent, agent) && (unknown.includes('team') || fits(where.team, team ?? ''));
  });

type Answers = Pick<PersonRule['agents'], 'may' | 'not'>;

function answersFor(rule: Rule, looking: Looking, agents: readonly KnownAgent[]): Answers {
  const may: string[] = [];
  const not: { agent: string; why: string }[] = [];
  for (const known of agents) {
    const why = whyNot(rule, looking, known);
    if (why === undefined) may.push(known.principal.agent);
    else not.push({ agent: known.principal.agent, why });
  }
  return { may: may.slice(0, AGENTS_MAX), not: not.slice(0, AGENTS_MAX) };
}

function whyNot(
  rule: Rule,
  { person, groups, snapshot, now }: Looking,
  known: KnownAgent,
): string | undefined {
  const { unknown, principal } = known;
  if (unknown.includes('owner')) return 'its token says who owns it';
  if (principal.owner === null) return 'nobody answers for the agent: nobody may review what it asks';
  const requirement = requirementFor(rule, known, groups);
  if (requirement === undefined) return 'its token says of which team it is';
  const theCase = caseOf({ requirement, known, snapshot, now });
  if (hasGivenSeat(person, theCase)) return NO_LONGER.delegated;
  const answer = entitlement(person, theCase);
  return answer.eligible ? undefined : NO_LONGER[answer.why];
}

function glassOf(rule: Rule, looking: Looking, agents: readonly KnownAgent[]): PersonRule['break_glass'] {
  const { person, groups, snapshot, now, passkey } = looking;
  if (rule.requirement?.break_glass === undefined) return undefined;
  const cases = agents.flatMap((known) => {
    const requirement = requirementFor(rule, known, groups);
    return requirement === undefined ? [] : [caseOf({ requirement, known, snapshot, now })];
  });
  const may_break = passkey && cases.some((theCase) => glassEligibility(person, theCase).eligible);
  const may_judge = cases.some((theCase) => {
    const terms = theCase.requirement.break_glass;
    return terms !== undefined && judgeEligibility(person, { theCase, terms, broken_by: '' }).eligible;
  });
  return may_break || may_judge ? { may_break, may_judge } : undefined;
}
