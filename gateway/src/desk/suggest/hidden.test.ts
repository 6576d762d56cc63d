import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { PolicySuggestion } from '@countersign/sdk';
import { createKnownSecrets } from '../../masking/known/known.ts';
import { createMasking } from '../../masking/masking.ts';
import { withoutHidden } from './hidden.ts';

const masking = createMasking(
  createKnownSecrets([{ value: ['tok', 'en-of-', 'upstream-77'].join(''), label: 'upstream' }]),
);
const one = (value: string) =>
  ({
    rule: 'r',
    requests: 12,
    agent: 'a',
    upstream: 'u',
    resource: 't',
    arguments: [{ path: 'mcp.args.x', how: 'is', values: [value] }],
  }) as unknown as PolicySuggestion;

it('A23: nothing is proposed with a secret or a person’s data in it', () => {
  for (const [value, kept] of [
    ['plain', true],
    ['token-of-upstream-77', false],
    ['ann@example.com', false],
  ] as const) {
    const found = withoutHidden(
      { since: 0, until: 1, requests: 12, suggestions: [one(value)], not_suggested: [] },
      masking,
    );
    assert.equal(found.suggestions.length, kept ? 1 : 0, value);
    assert.deepEqual(
      found.not_suggested.map(({ why }) => why),
      kept ? [] : ['hidden'],
    );
    assert.equal(JSON.stringify(found).includes(value), kept);
  }
});
