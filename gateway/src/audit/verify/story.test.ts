import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { statementOf } from '@countersign/core';
import { held, openRig, type Rig } from '../testing/rig.ts';
import { createFindings, ERASED_MAX, type Problem, REBUILT_MAX } from './report.ts';
import { folderSource } from './source.ts';
import { Story } from './story.ts';
import { verifyLog } from './verify.ts';

async function problems(rig: Rig): Promise<readonly Problem[]> {
  const { findings } = await verifyLog({ source: folderSource(rig.log), vkey: rig.audit.keys.log.vkey });
  return [...new Set(findings.map(({ problem }) => problem))];
}

describe('verifying the story', () => {
  const APPROVED = ['opened', 'reviewed', 'resolved'] as const;
  type Step =
    | (typeof APPROVED)[number]
    | 'reviewed-again'
    | 'started'
    | 'started-again'
    | 'ended'
    | 'denied'
    | 'revoked'
    | 'resolved-twice'
    | 'erased'
    | 'revealed';
  const cases: readonly (readonly [
    what: string,
    steps: readonly Step[],
    want: readonly Problem[],
    needed?: number,
  ])[] = [
    ['a run as it should be', [...APPROVED, 'started', 'ended'], []],
    ['a run still going', [...APPROVED, 'started'], []],
    [
      'two people where two are needed',
      ['opened', 'reviewed', 'reviewed-again', 'resolved', 'started', 'ended'],
      [],
      2,
    ],
    ['one person where two are needed (A14)', [...APPROVED], ['too-few-reviews'], 2],
    ['an approval without any review', ['opened', 'resolved'], ['too-few-reviews']],
    ['a run nobody approved', ['opened', 'started', 'ended'], ['unapproved-run']],
    [
      'a single-use approval redeemed twice (A8)',
      [...APPROVED, 'started', 'started-again', 'ended'],
      ['two-starts'],
    ],
    [
      'a run after the approval was revoked (A10)',
      [...APPROVED, 'revoked', 'started', 'ended'],
      ['unapproved-run'],
    ],
    ['an approval over a denial (A17)', ['opened', 'denied', 'reviewed', 'resolved-twice'], ['state-moved']],
    ['a resolution of nothing', ['denied'], ['state-moved']],
    ['an end without a start', ['ended'], ['result-without-start']],
    ['a run that was erased', [...APPROVED, 'started', 'ended', 'erased'], []],
    ['a denial that was erased', ['opened', 'denied', 'erased'], []],
    ['an unused approval revoked, then erased', [...APPROVED, 'revoked', 'erased'], []],
    ['hidden text revealed while pending', ['opened', 'revealed', ...APPROVED.slice(1)], []],
    ['what was erased while people were asked', ['opened', 'erased'], ['state-moved']],
    ['what was erased with an approval to use', [...APPROVED, 'erased'], ['state-moved']],
    [
      'what was erased and run again',
      [...APPROVED, 'started', 'ended', 'erased', 'started-again'],
      ['unapproved-run', 'two-starts'],
    ],
    ['what was erased and reviewed', ['opened', 'denied', 'erased', 'reviewed'], ['state-moved']],
    ['what was erased twice', ['opened', 'denied', 'erased', 'erased'], ['state-moved']],
    ['what was erased and never opened', ['erased'], ['state-moved']],
    ['two ends', [...APPROVED, 'started', 'ended', 'ended'], ['result-without-start']],
  ];
  for (const [what, steps, want, needed = 1] of cases) {
    it(`${want.length === 0 ? 'accepts' : 'reports'} ${what}`, async (t) => {
      const rig = await openRig(t);
      let resolution = '01JAAAAAAAAAAAAAAAAAAAAAAA';
      for (const step of steps) {
        const [id] = await rig.record(
          {
            opened: held.opened('req_1', needed),
            reviewed: held.reviewed('req_1', 'bob'),
            'reviewed-again': held.reviewed('req_1', 'carol'),
            resolved: held.resolved('req_1'),
            'resolved-twice': held.resolved('req_1'),
            denied: held.resolved('req_1', 'denied'),
            revoked: held.resolved('req_1', 'approval-revoked'),
            started: held.started('req_1', 'exe_1', resolution),
            'started-again': held.started('req_1', 'exe_2', resolution),
            ended: held.ended('req_1', 'exe_1'),
            erased: held.erased('req_1'),
            revealed: held.revealed('req_1'),
          }[step],
        );
        if (step === 'resolved') resolution = id ?? '';
      }
      await rig.audit.flush();
      assert.deepEqual(await problems(rig), want);
    });
  }

  it('names what was erased, by whom and where, and says that its text cannot be established', async (t) => {
    const rig = await openRig(t);
    const verify = () => verifyLog({ source: folderSource(rig.log), vkey: rig.audit.keys.log.vkey });
    for (const id of ['req_1', 'req_2', 'req_3'])
      await rig.record(held.opened(id), held.resolved(id, 'denied'));
    await rig.audit.flush();
    const before = await verify();
    assert.deepEqual([before.erased, before.erased_total], [[], 0]);
    assert.doesNotMatch(before.not_established.join('\n'), /erased/);
    await rig.record(held.erased('req_3'), held.erased('req_1', 'alice'));
    await rig.audit.flush();
    const after = await verify();
    assert.ok(after.ok);
    assert.deepEqual(
      after.erased.map(({ request, by, index }) => [request, by, index]),
      [
        ['req_3', 'dan', 6],
        ['req_1', 'alice', 7],
      ],
    );
    assert.equal(after.erased_total, 2);
    assert.match(
      after.not_established.join('\n'),
      /What 2 requests said in clear: it was erased, on the record/,
    );
  });

  it('lists so many erasures and counts the rest (I15)', () => {
    const story = new Story(createFindings());
    for (let at = 0; at < ERASED_MAX + 5; at += 1) {
      const predicate = {
        event_id: '01JAAAAAAAAAAAAAAAAAAAAAAA',
        occurred_at: '2026-01-01T00:00:00.000Z',
        task_id: `req_${at}`,
        action_digest: `sha256:${'0'.repeat(64)}`,
        erased: {},
      };
      story.add(statementOf('redaction', predicate), at);
    }
    assert.deepEqual([story.erased.length, story.erasedTotal], [ERASED_MAX, ERASED_MAX + 5]);
  });

  it('lists so many rebuilt logs and counts the rest (I15)', () => {
    const story = new Story(createFindings());
    for (let at = 0; at < REBUILT_MAX + 5; at += 1) {
      const predicate = {
        event_id: '01JAAAAAAAAAAAAAAAAAAAAAAA',
        occurred_at: '2026-01-01T00:00:00.000Z',
        task_id: 'gateway',
        action_digest: `sha256:${'0'.repeat(64)}`,
        change: at % 2 === 0 ? 'log rebuilt' : 'gateway started',
        signed: at,
      };
      story.add(statementOf('system', predicate), at);
      story.add(statementOf('system', predicate), at);
    }
    assert.deepEqual([story.rebuilt.length, story.rebuiltTotal], [REBUILT_MAX, REBUILT_MAX + 6]);
    assert.deepEqual(story.rebuilt.at(-1), { at: '2026-01-01T00:00:00.000Z', index: 998, signed: 998 });
  });
});

describe('how many people a request needs', () => {
  const one = (by: string, count = 1) => ({ by, count, proof: 'session' });
  const cases: readonly (readonly [what: string, asks: JsonObject, people: number])[] = [
    [
      'two in a row',
      { seats: [one('group:a')], choices: [], next: [{ seats: [one('group:b')], choices: [] }] },
      2,
    ],
    [
      'an alternative in a later stage',
      {
        seats: [one('group:a')],
        choices: [],
        next: [{ seats: [], choices: [{ rule: 'r', any_of: [[one('group:b', 2)], [one('group:c', 3)]] }] }],
      },
      3,
    ],
    [
      'one seat asked for by a rule and by another’s alternative',
      { seats: [one('group:a')], choices: [{ rule: 'r', any_of: [[one('group:a')], [one('group:b', 2)]] }] },
      1,
    ],
  ];
  for (const [what, asks, people] of cases) {
    it(`${what}: ${people}, and not one fewer (A14)`, async (t) => {
      for (const [given, want] of [
        [people, []],
        [people - 1, ['too-few-reviews']],
      ] as const) {
        const rig = await openRig(t);
        const opened = held.opened('req_1');
        await rig.record({ ...opened, predicate: { ...opened.predicate, ...asks } });
        for (let person = 0; person < given; person += 1)
          await rig.record(held.reviewed('req_1', `person-${person}`));
        await rig.record(held.resolved('req_1'));
        await rig.audit.flush();
        assert.deepEqual(await problems(rig), want);
      }
    });
  }
});
