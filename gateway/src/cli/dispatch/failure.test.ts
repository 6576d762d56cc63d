import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProblemError } from '@countersign/sdk';
import { EXIT, type Io } from '../verb.ts';
import { explainFailure } from './failure.ts';

const said = (error: unknown): { readonly code: number; readonly text: string } => {
  const chunks: string[] = [];
  const io = { env: {}, stderr: { write: (chunk: string) => chunks.push(chunk) } } as unknown as Io;
  const code = explainFailure(error, { name: 'demo', usage: '' }, io);
  return { code, text: chunks.join('') };
};

describe('what went wrong is told, whatever was thrown', () => {
  const cases: readonly (readonly [string, unknown, number, RegExp])[] = [
    [
      'an error with a number for a code, as JSON-RPC has',
      Object.assign(new TypeError('Agent is paused'), { code: -32_003 }),
      EXIT.broken,
      /^countersign demo: Agent is paused\n/,
    ],
    [
      'a flag nobody knows',
      Object.assign(new TypeError('Unknown option'), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' }),
      EXIT.usage,
      /^countersign demo: Unknown option\n/,
    ],
    [
      'a file that is not there',
      Object.assign(new Error('x'), { code: 'ENOENT', path: '/a' }),
      EXIT.unreachable,
      /^\/a: there is no such file\n/,
    ],
    [
      'a field the API refused, as the command names it',
      new ProblemError(400, { type: 'urn:x:invalid', detail: 'path.id: expected req_ and 26 characters' }),
      EXIT.refused,
      /^id: expected req_ and 26 characters\n$/,
    ],
    ['nothing', undefined, EXIT.broken, /^countersign demo: undefined\n/],
  ];
  for (const [name, error, code, text] of cases)
    it(name, () => {
      const got = said(error);
      assert.equal(got.code, code);
      assert.match(got.text, text);
    });
});
