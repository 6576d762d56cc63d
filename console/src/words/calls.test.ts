import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CALL_OUTCOME_WORDS, markOfCall, reasonWords, refusedWords } from './calls.ts';

describe('who said no is said in one word each', () => {
  const denied = CALL_OUTCOME_WORDS.denied.word;
  const cases: readonly (readonly [Parameters<typeof markOfCall>[0], string])[] = [
    [{ outcome: 'denied' }, denied],
    [{ outcome: 'refused', reason: 'policy_denied' }, 'Refused'],
    [{ outcome: 'refused', reason: 'agent_paused' }, 'Paused'],
    [{ outcome: 'refused', reason: 'toString' }, 'Refused'],
    // Of a pause nobody was refused for: it ran.
    [{ outcome: 'failed', reason: 'agent_paused' }, 'Failed'],
  ];
  for (const [call, word] of cases)
    it(`${call.outcome} ${call.reason ?? ''}`, () => assert.equal(markOfCall(call).word, word));

  it('the policy is named for what it refused, and for nothing else', () => {
    const by = ['policy_denied', 'not_exact', 'agent_paused', 'no_owner', 'toString', undefined];
    assert.deepEqual(
      by.map((reason) => /policy/.test(refusedWords(reason))),
      [true, true, false, false, false, false],
    );
    assert.equal(reasonWords({ decision: 'allowed', reason: 'no answer' }), 'no answer');
  });
});
