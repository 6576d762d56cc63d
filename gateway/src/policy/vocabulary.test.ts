/** What is offered loads; what is offered is what the checker knows. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mcpBinding } from '../protocols/mcp/binding.ts';
import { loadPolicy } from './load.ts';
import type { LoadOptions } from './rules/options.ts';
import { vocabularyOf } from './vocabulary.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    path: { type: 'string', description: 'Where' },
    mode: { type: 'string', enum: ['a', 'w'] },
    'odd name': { type: 'number' },
    deep: { type: 'object', properties: { on: { type: 'boolean' } } },
  },
};
const OPTIONS: LoadOptions = {
  bindings: [mcpBinding],
  known: { groups: ['dba'], upstreams: ['files'], agents: ['coder'] },
  toolArguments: () => SCHEMA,
};
const words = vocabularyOf(OPTIONS, [{ upstream: 'files', tool: 'write', class: 'write' }]);
const loads = (rule: string): readonly string[] => {
  const text = `version: 1\nrules:\n  - ${JSON.stringify(JSON.parse(rule))}\n`;
  const loaded = loadPolicy([{ path: 'a.yaml', text }], OPTIONS);
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message);
};
const when = (condition: string, more: object = {}): readonly string[] =>
  loads(JSON.stringify({ id: 'a', on: 'mcp', then: 'deny', when: condition, ...more }));

describe('the vocabulary', () => {
  const every = [...words.facts, ...words.bindings.flatMap(({ facts }) => facts)];
  for (const { path, type } of every)
    it(`offers ${path}, which a condition can read`, () =>
      assert.deepEqual(when(type === 'true or false' ? path : `string(${path}) != ""`), []));

  for (const { path, type } of words.tools[0]?.facts ?? [])
    it(`offers ${path} of a pinned tool`, () => {
      const where = { upstream: 'files', resource: 'write' };
      assert.deepEqual(when(type === 'true or false' ? path : `string(${path}) != ""`, { where }), []);
    });

  it('says what a tool’s arguments can be', () => {
    const facts = words.tools[0]?.facts ?? [];
    assert.deepEqual(facts, [
      { path: 'mcp.args.path', type: 'text', about: 'Where' },
      { path: 'mcp.args.mode', type: 'text', values: ['a', 'w'] },
      { path: 'mcp.args["odd name"]', type: 'a number' },
      { path: 'mcp.args.deep.on', type: 'true or false' },
    ]);
  });

  it('offers no key that a rule cannot have, and says which go with which effect', () => {
    for (const { key } of words.rule)
      assert.ok(
        !loads(JSON.stringify({ id: 'a', on: 'mcp', then: 'deny', [key]: null })).some((each) =>
          /unknown|no key/.test(each),
        ),
        key,
      );
    const refused = words.rule.filter(
      ({ only_with }) => only_with !== undefined && !only_with.includes('deny'),
    );
    assert.ok(refused.length >= 8);
    for (const { key } of refused)
      assert.match(
        loads(JSON.stringify({ id: 'a', on: 'mcp', then: 'deny', [key]: true })).join(),
        new RegExp(`${key} does not go with then: deny`),
      );
    assert.notDeepEqual(loads(JSON.stringify({ id: 'a', on: 'mcp', then: 'deny', nonsense: 1 })), []);
  });

  it('I15: has an end, however many tools there are', () => {
    const many = Array.from({ length: 5_000 }, (_, n) => ({
      upstream: 'files',
      tool: `t${n}`,
      class: 'read',
    }));
    const properties = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`a${n}`, { type: 'string' }]),
    );
    const { tools } = vocabularyOf(
      { ...OPTIONS, toolArguments: () => ({ type: 'object', properties }) },
      many,
    );
    assert.equal(tools.length, 2_000);
    assert.equal(tools.flatMap(({ facts }) => facts).length, 10_000);
  });

  it('calls nothing a function that conditions cannot call', () => {
    for (const { name } of words.instead)
      assert.ok(!words.functions.some((each) => each.name === name), name);
    assert.deepEqual(when('lower(agent) == "x" && agent.startsWith("a")'), []);
  });
});
