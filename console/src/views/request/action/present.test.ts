/** Whatever form an action is drawn in, all of it is drawn. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JsonObject, renderJson } from '@countersign/core';
import { drawAction } from '../../../data/shown-action.ts';
import { diffLines } from './changes.ts';
import { type Part, present } from './present.ts';
import { linesOf, treeOf } from './tree.ts';

const actionOf = (args: JsonObject): JsonObject => ({
  typ: 'urn:countersign:action:v1',
  tenant: 'default',
  action: { name: 'tools/call' },
  resource: { type: 'tool', id: 'run', properties: { upstream: 'db' } },
  context: { arguments: args, tool_pin: 'sha256:00' },
  subject: { type: 'agent', id: 'bot' },
});
const shownOf = (shown_action: JsonObject, agent = 'bot') => ({
  agent,
  shown_action,
  redactions: [],
  rendered_digest: '',
  approvable: { ok: true } as const,
});
const presented = (args: JsonObject, agent?: string) => {
  const shown = shownOf(actionOf(args), agent);
  return present(shown, drawAction(shown));
};
it('arguments stand as the tool’s schema orders them, each once, with those it does not name after', () => {
  const args = { amount: 1, ['__proto__']: 2, charge: 'c', extra: 3, note: 'n' };
  const shown = { ...shownOf(actionOf(args)), argument_order: ['charge', 'amount', 'note', 'absent'] };
  const { parts } = present(shown, drawAction(shown));
  assert.deepEqual(
    parts.map(({ name }) => name),
    ['charge', 'amount', 'note', '__proto__', 'extra'],
  );
});

const only = (args: JsonObject, agent?: string): Part => {
  const [part] = presented(args, agent).parts;
  assert.ok(part);
  return part;
};

describe('the tree of a rendering', () => {
  it('has every line, in order', () => {
    const value = { a: [1, [], { b: 'x\ny\nz', c: {} }], '': null, d: { e: { f: 'g' } }, '"q"': 'a\n' };
    const { lines } = renderJson(value);
    assert.deepEqual(treeOf(lines).flatMap(linesOf), lines);
  });
  it('has every line of one that was cut', () => {
    const { lines, complete } = renderJson(
      { a: 'x\ny\nz\n1\n2', b: [1, 2, 3], c: { d: 1 } },
      { lines_max: 4 },
    );
    assert.equal(complete, false);
    assert.deepEqual(treeOf(lines).flatMap(linesOf), lines);
  });
});

const forms: readonly (readonly [name: string, args: JsonObject, as: Part['as'], language?: string])[] = [
  ['a statement by its name', { sql: 'VACUUM' }, 'text', 'sql'],
  ['a statement by what it says', { q: '/* x */ -- y\n delete from t' }, 'text', 'sql'],
  ['a sentence is no statement', { note: 'select what you like' }, 'tree'],
  ['a query that is a search', { query: 'late parcels' }, 'tree'],
  ['a command', { command: 'rm -rf /' }, 'text', 'shell'],
  ['words of a command', { argv: ['rm', '-rf', '/'] }, 'argv'],
  ['a list of numbers is no command', { argv: [1, 2] }, 'tree'],
  ['several lines', { body: 'one\ntwo' }, 'text', 'plain'],
  ['one line', { body: 'one\n' }, 'tree'],
  ['a number', { amount: 5 }, 'tree'],
  ['an object', { where: { a: 1 } }, 'tree'],
];
describe('the form of an argument', () => {
  for (const [name, args, as, language] of forms)
    it(`${name}: ${language ?? as}`, () => {
      const part = only(args);
      assert.equal(part.as, as);
      if (part.as === 'text') assert.equal(part.language, language);
    });

  it('A6: a member called __proto__ is one like any other', () => {
    const args = JSON.parse('{"__proto__":{"sql":"x"},"constructor":"y"}') as JsonObject;
    assert.deepEqual(
      presented(args).parts.map(({ name }) => name),
      ['__proto__', 'constructor'],
    );
  });

  it('A5: what is not an argument is listed, all of it', () => {
    const paths = presented({ a: 1 }).rest.map(({ path }) => path);
    assert.deepEqual(paths.toSorted(), [
      'action › name',
      'context › tool_pin',
      'resource › id',
      'resource › properties › upstream',
      'resource › type',
      'subject › id',
      'subject › type',
      'tenant',
      'typ',
    ]);
  });

  it('A1: an agent’s before and after are not drawn as the gateway’s own change', () => {
    const args = { changed: { safe: { before: 1, after: 1 } } };
    assert.equal(only(args).as, 'tree');
    assert.equal(only(args, 'countersign:operations').as, 'changes');
  });

  it('a part of a text that is hidden keeps it a tree, with its mark', () => {
    const shown = {
      ...shownOf(actionOf({ sql: 'select ████ from t' })),
      redactions: [
        {
          kind: 'secret',
          label: 'token',
          chars: 4,
          pointer: '/context/arguments/sql',
          range: { start: 7, end: 11 },
        } as const,
      ],
    };
    const [part] = present(shown, drawAction(shown)).parts;
    assert.equal(part?.as, 'tree');
    assert.match(part.node.line.value, /‹secret: token, 4 characters›/);
  });
});

describe('changes of the gateway’s own', () => {
  it('are paired, one by one', () => {
    const part = only(
      {
        changed: {
          a: { before: { then: 'deny', on: 'mcp' }, after: { then: 'allow', on: 'mcp' } },
          b: { after: 1 },
        },
      },
      'countersign:operations',
    );
    assert.ok(part.as === 'changes');
    assert.deepEqual(
      part.changes.map(({ title, kind }) => [title, kind]),
      [
        ['a', 'changed'],
        ['b', 'added'],
      ],
    );
    assert.deepEqual(
      part.changes[0]?.lines.map(({ sign, text }) => `${sign}${text}`),
      [' {', '-  "then": "deny"', '+  "then": "allow"', '   "on": "mcp"', ' }'],
    );
  });
  it('with a member nobody knows stay a tree', () => {
    const part = only({ changed: { a: { before: 1, after: 2, also: 3 } } }, 'countersign:operations');
    assert.equal(part.as, 'tree');
  });
  const pairs: readonly (readonly [string, string, string])[] = [
    ['abc', 'abc', ' a b c'],
    ['', 'ab', '+a+b'],
    ['ab', '', '-a-b'],
    ['abcd', 'acxd', ' a-b c+x d'],
  ];
  for (const [before, after, want] of pairs)
    it(`‘${before}’ to ‘${after}’`, () => {
      const lines = diffLines([...before], [...after]);
      assert.equal(lines.map(({ sign, text }) => sign + text).join(''), want);
    });
});
