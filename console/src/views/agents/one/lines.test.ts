// An upstream's powers as lines: what is no tool stands together where it is answered alike, and apart where it is not.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { May } from '@countersign/sdk';
import { linesOf } from './lines.ts';

const may = (...effects: May['effects']): May => ({ effects, depends_on: [], rules: [], rules_left_out: 0 });

it('one line for connecting, one for each tool, one for all that is answered alike', () => {
  const lines = linesOf({
    upstream: 'files',
    env: 'prod',
    open: may('allow'),
    tools: [
      { tool: 'read', class: 'read', may: may('allow') },
      { tool: 'write', class: 'write', changed: true, may: may('require') },
    ],
    not_accepted: [],
    others: [
      { method: 'resources/read', may: may('allow') },
      { method: 'prompts/get', may: may('deny') },
      { method: 'resources/subscribe', may: may('allow') },
      { method: 'odd/one', may: may('deny') },
    ],
  });
  assert.deepEqual(
    lines.map(({ kind, name, may: { effects }, changed }) => [kind, name, effects.join(), changed]),
    [
      ['open', 'connect', 'allow', false],
      ['tool', 'read', 'allow', false],
      ['tool', 'write', 'require', true],
      ['other', 'read a resource, follow a resource', 'allow', false],
      ['other', 'take a prompt, odd/one', 'deny', false],
    ],
  );
});
