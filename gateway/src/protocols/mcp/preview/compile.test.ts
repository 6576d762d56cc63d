import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { mcpUpstreamSchema, type PreviewConfig } from '../config.ts';
import type { AcceptedPin, ToolClass } from '../tools/pins.ts';
import { type AcceptedTools, faultsOf } from './compile.ts';

const accepted = (as: ToolClass, properties: JsonObject, required: readonly string[] = []): AcceptedPin => ({
  pin: `sha256:${'0'.repeat(64)}`,
  class: as,
  definition: { inputSchema: { type: 'object', properties, required } },
});
const TEXT = { type: 'string' };
const PINS: { readonly [tool: string]: AcceptedPin } = {
  write_file: accepted('write', { path: TEXT, content: TEXT, mode: { type: 'number' } }, ['path', 'content']),
  read_file: accepted('read', { path: TEXT, head: { type: 'number' } }, ['path']),
  edit_file: accepted('write', { path: TEXT, dryRun: { type: 'boolean' } }, ['path']),
};
const TOOLS: AcceptedTools = { names: Object.keys(PINS), accepted: (tool) => PINS[tool] };
const NONE: AcceptedTools = { names: [], accepted: () => undefined };

const preview = (given: Partial<PreviewConfig>): PreviewConfig => ({
  call: 'read_file',
  with: { path: 'args.path' },
  show: 'text',
  ...given,
});

const FAULTS: readonly (readonly [
  name: string,
  given: Partial<PreviewConfig>,
  says: RegExp,
  always?: true,
])[] = [
  ['the reader’s name', { call: 'read_fil' }, /no accepted tool “read_fil”; did you mean “read_file”\?/],
  [
    'a reader that writes',
    { call: 'write_file', with: { path: 'args.path', content: '""' } },
    /accepted as write, and a preview only reads/,
  ],
  [
    'an argument it has not',
    { with: { path: 'args.path', pth: 'args.path' } },
    /has no argument “pth”; did you mean “path”/,
  ],
  ['an argument it needs', { with: {} }, /needs the argument “path”; add path: args\.path/],
  ['a name the held tool has not', { with: { path: 'args.pth' } }, /no field "pth"|no argument "pth"/],
  [
    'a number where a text goes',
    { with: { path: 'args.mode' } },
    /args\.mode is a number, and a string is wanted/,
  ],
  [
    'what to compare with',
    { show: 'diff', against: 'args.mode' },
    /args\.mode is a number, and a string is wanted/,
  ],
  [
    'a dry run it does not know',
    { call: 'write_file', with: { path: 'args.path', content: '""', dryRun: true }, dry_run: 'dryRun' },
    /no true-or-false argument “dryRun”, so it would act/,
  ],
  ['half an expression', { with: { path: 'args.path +' } }, /expression is cut off/, true],
  [
    'another’s facts',
    { with: { path: 'agent' } },
    /unknown name "agent".*an expression here can read: args/,
    true,
  ],
];

describe('what is wrong with a preview', () => {
  for (const [name, given, says, always] of FAULTS)
    test(name, () => {
      const faults = faultsOf('write_file', preview(given), TOOLS);
      const found = faults.find(({ message }) => says.test(message));
      assert.ok(found !== undefined, JSON.stringify(faults));
      assert.equal(found.always, always ?? false);
      // Before any tool is accepted, only what none could make right is known.
      assert.equal(
        faultsOf('write_file', preview(given), NONE).some((fault) => fault.always),
        always ?? false,
      );
    });

  test('a tool that is not there', () => {
    assert.match(faultsOf('write_fil', preview({}), TOOLS)[0]?.message ?? '', /did you mean “write_file”/);
  });

  test('nothing, of those that are right', () => {
    const right: readonly Partial<PreviewConfig>[] = [
      {},
      { with: { path: 'args.path', head: 10 } },
      { with: { path: 'args.path', head: 'args.?mode' } },
      { show: 'diff', against: 'args.content' },
      { call: 'edit_file', with: { path: 'args.path', dryRun: true }, dry_run: 'dryRun' },
    ];
    for (const given of right) assert.deepEqual(faultsOf('write_file', preview(given), TOOLS), []);
  });
});

describe('a preview as written', () => {
  const read = (text: object) =>
    mcpUpstreamSchema.safeParse({ command: ['x'], previews: { write_file: { call: 'read_file', ...text } } });
  const wrong: readonly (readonly [given: object, says: RegExp])[] = [
    [{ show: 'diff' }, /needs what to compare with/],
    [{ against: 'args.content' }, /only for `show: diff`/],
    [{ dry_run: 'dryRun' }, /add dryRun: true/],
    [{ dry_run: 'dryRun', with: { dryRun: 'args.dryRun' } }, /add dryRun: true/],
    [{ dry_run: 'dryRun', with: { dryRun: false } }, /add dryRun: true/],
    [{ with: { path: { a: 1 } } }, /./],
    [{ shw: 'text' }, /./],
  ];
  for (const [given, says] of wrong)
    test(JSON.stringify(given), () => {
      const parsed = read(given);
      assert.ok(!parsed.success);
      assert.match(JSON.stringify(parsed.error.issues), says);
    });
});
