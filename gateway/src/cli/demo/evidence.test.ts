import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogReport } from '../../audit/verify/report.ts';
import { checksOf, type Evidence } from './evidence.ts';

const SIGNER = { person: 'usr_rita', key_digests: ['sha256:hers'] };
const receipt = { event_id: 'e', index: 1, established: [] };
const key = { person: 'usr_rita', key_digest: 'sha256:hers', confirmed_by: 'olivia' };
const report = { ok: true, signed_reviews: { verified: 1, keys: [key] } } as unknown as LogReport;
const RAN = { runs: 1, approved_by: ['robin (slack)'], receipt };
const GOOD: Evidence = {
  report,
  ran: [RAN, RAN],
};
const failed = (evidence: Evidence): readonly string[] =>
  checksOf(evidence, SIGNER).flatMap(([what, holds]) => (holds ? [] : [what]));
const signed = (signed_reviews: object): Evidence => ({
  ...GOOD,
  report: { ...report, signed_reviews } as LogReport,
});

const RUNS = 'both approved actions ran, each exactly once';
const RECEIPTS = 'both receipts verify';
const SIGNED = 'her signature verifies from the log, by her own key';

describe('what must hold after the demo by script', () => {
  it('is content with what should be', () => assert.deepEqual(failed(GOOD), []));

  for (const [name, evidence, want] of [
    ['one of them was never approved', { ...GOOD, ran: GOOD.ran.slice(1) }, [RUNS, RECEIPTS]],
    ['nothing ran', { ...GOOD, ran: [] }, [RUNS, RECEIPTS]],
    ['one ran twice', { ...GOOD, ran: [{ ...RAN, runs: 2 }, ...GOOD.ran.slice(1)] }, [RUNS]],
    [
      'a receipt does not verify',
      { ...GOOD, ran: [{ ...RAN, receipt: { failed: 'x' } }, ...GOOD.ran.slice(1)] },
      [RECEIPTS],
    ],
    ['the log does not verify', { ...GOOD, report: { ...report, ok: false } }, ['the log verifies']],
    ['nothing is signed', signed({ verified: 0, keys: [] }), [SIGNED]],
    ['another key signed', signed({ verified: 1, keys: [{ ...key, key_digest: 'sha256:other' }] }), [SIGNED]],
    ['somebody else signed', signed({ verified: 1, keys: [{ ...key, person: 'robin' }] }), [SIGNED]],
    ['somebody signed too', signed({ verified: 2, keys: [key, key] }), [SIGNED]],
  ] as const)
    it(`is not when ${name}`, () => assert.deepEqual(failed(evidence), want));

  it('is not when nobody’s key is known', () => {
    assert.deepEqual(
      checksOf(GOOD, undefined).flatMap(([what, holds]) => (holds ? [] : [what])),
      [SIGNED],
    );
  });
});
