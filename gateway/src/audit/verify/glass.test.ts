/** What a verifier says of broken glass: of a log as the gateway writes it, and of ones it never would. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type JsonObject, kindOf, type Predicate, type Statement, statementOf } from '@countersign/core';
import { openGlassHouse } from '../../../testing/glass.ts';
import { createSignedRig } from '../../../testing/passkeys.ts';
import { held, permitted, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import { createFindings } from './report.ts';
import { Story } from './story.ts';

const GLASS = { by: ['group:dba'], notify: [], review: ['anyone'] } as const;
const TWO = [{ by: 'anyone', count: 2, proof: 'session' }] as const;
const RULES = {
  wipe: { then: 'require', requirement: { ...SEAT, seats: TWO, break_glass: GLASS } },
} as const;

let rig: Rig;
/** Opened, broken by Bob, run, acknowledged by Dan, judged by Carol: each entry as the gateway signed it. */
let story: readonly Statement[];
before(async () => {
  const signed = await createSignedRig(policyOf(RULES, '2b'.repeat(32)));
  rig = signed.rig;
  const house = openGlassHouse(rig);
  const { authenticator } = await house.give('bob');
  const request_id = held(await rig.call('wipe')).id;
  const outcome = await house.smash({ request_id, reviewer: 'bob', authenticator });
  assert.ok(outcome.kind === 'broken');
  await permitted(await rig.call('wipe')).finish({ status: 'succeeded' } as never);
  await house.glass.acknowledge(outcome.glass_id, 'dan');
  await house.glass.close(outcome.glass_id, { by: 'carol', verdict: 'justified', note: 'it was' });
  story = await signed.statements();
});
after(() => rig.close());

const is = (kind: string, member: string, value: string) => (statement: Statement) =>
  kindOf(statement) === kind && statement.predicate[member] === value;
const OPENED = is('access-request', 'status', 'pending');
const BROKEN = is('break-glass', 'change', 'broken');
const RESOLVED = is('resolution', 'status', 'approved');
const STARTED = is('execution', 'phase', 'started');
const CLOSED = is('break-glass', 'change', 'closed');
const ACKNOWLEDGED = is('break-glass', 'change', 'acknowledged');

type Edit = (told: readonly Statement[]) => readonly Statement[];
const edited =
  (which: (statement: Statement) => boolean, over: (predicate: Predicate) => JsonObject): Edit =>
  (told) =>
    told.map((each) =>
      which(each)
        ? statementOf(kindOf(each), { ...each.predicate, ...over(each.predicate) } as Predicate)
        : each,
    );
const without =
  (which: (statement: Statement) => boolean): Edit =>
  (told) =>
    told.filter((each) => !which(each));
const without_member =
  (which: (statement: Statement) => boolean, member: string): Edit =>
  (told) =>
    told.map((each) => {
      if (!which(each)) return each;
      const { [member]: _, ...rest } = each.predicate;
      return statementOf(kindOf(each), rest as Predicate);
    });
const twice =
  (which: (statement: Statement) => boolean): Edit =>
  (told) =>
    told.flatMap((each) => (which(each) ? [each, each] : [each]));

function verified(told: readonly Statement[]) {
  const findings = createFindings();
  const read = new Story(findings);
  for (const [index, statement] of told.entries()) read.add(statement, index);
  return { findings: findings.list.map(({ problem, detail }) => `${problem}: ${detail}`), read };
}

const wrong: readonly (readonly [name: string, edit: Edit, says: RegExp])[] = [
  ['the rules did not offer it', without_member(OPENED, 'break_glass'), /its rules did not offer that/],
  ['nobody broke it', without(BROKEN), /approved by a broken glass nobody broke/],
  ['it is not signed', without_member(BROKEN, 'signed'), /carries no signature/],
  [
    'it was done with a session alone',
    (told) => without_member(BROKEN, 'signed')(edited(BROKEN, () => ({ proof: 'session' }))(told)),
    /without a passkey that signed it/,
  ],
  [
    'it is signed as an approval',
    edited(BROKEN, () => ({ decision: 'approved' })),
    /signed names another decision/,
  ],
  ['it is said to be somebody else’s', edited(BROKEN, () => ({ reviewer: 'carol' })), /names another person/],
  [
    'another action was signed',
    edited(OPENED, ({ policy }) => ({
      policy: { ...(policy as JsonObject), digest: `sha256:${'0'.repeat(64)}` },
    })),
    /names another policy/,
  ],
  [
    'whoever broke it owns the agent',
    edited(OPENED, ({ who }) => ({ who: { ...(who as JsonObject), owner: 'bob' } })),
    /broken by bob, who answers for it/,
  ],
  [
    'it gave more than one use',
    edited(RESOLVED, ({ approval }) => ({ approval: { ...(approval as JsonObject), uses: 2 } })),
    /more than one use/,
  ],
  [
    'it gave more than ten minutes',
    edited(RESOLVED, ({ approval }) => ({
      approval: { ...(approval as JsonObject), approved_until: rig.time.now + 600_001 },
    })),
    /more than ten minutes/,
  ],
  ['it names another glass', edited(RESOLVED, () => ({ broken_glass: 'brk_x' })), /nobody broke/],
  ['it answers another entry', edited(RESOLVED, () => ({ answers: [] })), /does not answer the entry/],
  ['the mark is left out of the resolution', without_member(RESOLVED, 'broken_glass'), /too-few-reviews/],
  ['the mark is left out of the run', without_member(STARTED, 'broken_glass'), /its entry does not say so/],
  ['it was broken twice', twice(BROKEN), /no longer pending/],
  ['whoever broke it judged it', edited(CLOSED, () => ({ by: 'bob' })), /judged by bob, who broke it/],
  ['the owner judged it', edited(CLOSED, () => ({ by: 'alice' })), /judged by alice/],
  ['it was judged twice', twice(CLOSED), /judged twice/],
  [
    'another was acknowledged',
    edited(ACKNOWLEDGED, () => ({ glass_id: 'brk_x' })),
    /acknowledged and never broken/,
  ],
  ['it is of a request nobody opened', without(OPENED), /it was never opened/],
];

describe('verifying broken glass offline', () => {
  it('finds nothing against it as it was, and says who broke and who judged it', () => {
    const { findings, read } = verified(story);
    assert.deepEqual(findings, []);
    assert.deepEqual([read.glass.total, read.glass.open, read.signatures.verified], [1, 0, 1]);
    const [said] = read.glass.list;
    assert.deepEqual([said?.by, said?.closed], ['bob', { by: 'carol', verdict: 'justified' }]);
  });

  it('one nobody has judged is open, and no fault', () => {
    const { findings, read } = verified(without(CLOSED)(story));
    assert.deepEqual([findings, read.glass.open, read.glass.list[0]?.closed], [[], 1, undefined]);
  });

  for (const [name, edit, says] of wrong)
    it(`reports that ${name}`, () => {
      const { findings } = verified(edit(story));
      assert.ok(
        findings.some((finding) => says.test(finding)),
        findings.join('\n') || 'nothing was found',
      );
    });

  it('reports evidence taken away before it was judged', () => {
    const [broken] = story.filter(BROKEN);
    assert.ok(broken);
    const { event_id, occurred_at, task_id, action_digest } = broken.predicate;
    const erasure = { event_id, occurred_at, task_id, action_digest, by: 'dan', erased: { action: 1 } };
    const told = [...without(CLOSED)(story), statementOf('redaction', erasure)];
    assert.match(verified(told).findings.join(), /before its broken glass was judged/);
  });
});
