import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { held, openRig, type Rig } from '../testing/rig.ts';
import type { Problem } from './report.ts';
import { folderSource } from './source.ts';
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
    | 'resolved-twice';
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
          }[step],
        );
        if (step === 'resolved') resolution = id ?? '';
      }
      await rig.audit.flush();
      assert.deepEqual(await problems(rig), want);
    });
  }
});
