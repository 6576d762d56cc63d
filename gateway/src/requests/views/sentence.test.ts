import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json, JsonObject } from '@countersign/core';
import { pinKey } from '../../authority/authority.ts';
import { createKnownSecrets } from '../../masking/known/known.ts';
import { createMasking } from '../../masking/masking.ts';
import { changeSentence, glanceOf, orderOf, sentenceFor, sentenceOf } from './sentence.ts';

const masking = createMasking(createKnownSecrets([{ value: 'hunter2-the-token', label: 'token' }]));
const about = (args: { [name: string]: Json }, id = 'write_file'): JsonObject => ({
  resource: { type: 'tool', id },
  context: { arguments: args },
});
const at = { id: 'files', env: 'dev', order: [] };

describe('a sentence is made from a glance at the action', () => {
  const cases: readonly (readonly [string, JsonObject])[] = [
    ['plain', about({ path: '/x', n: 7, on: true, list: [1, 2], map: { a: 1 } })],
    ['none', about({})],
    ['a named secret', about({ password: 'correct horse', api_key: 'k'.repeat(300), n: 1 })],
    ['a known secret', about({ text: 'say hunter2-the-token', 'hunter2-the-token': 1 }, 'hunter2-the-token')],
    ['a secret in a long word', about({ url: `https://x/${'y/'.repeat(40)}?t=hunter2-the-token` })],
    ['long', about({ body: 'word '.repeat(10_000) })],
    ['long, after a surrogate pair at the cut', about({ body: `${'a'.repeat(60)}😀${'b'.repeat(60)}` })],
  ];
  for (const [name, action] of cases) {
    it(`says the same as from the whole: ${name}`, () => {
      const whole = sentenceOf(action, at, masking.redactions(action));
      assert.equal(sentenceOf(action, at, masking.redactions(glanceOf(action))), whole);
      assert.doesNotMatch(whole, /hunter2-the-token|correct horse/);
    });
  }

  it('I15: what a list looks through does not grow with the action', () => {
    const large = about(
      {
        ...Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, ['x'.repeat(50)]])),
        body: 'x'.repeat(1_000_000),
      },
      'y'.repeat(1_000_000),
    );
    assert.ok(JSON.stringify(glanceOf(large)).length < 16_384);
  });
});

describe('A1: nothing in a value or a name can pose as another part of the sentence', () => {
  const said = (args: { [name: string]: Json }, id?: string): string =>
    sentenceOf(about(args, id), at, new Map());
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'a value that closes its quote',
      said({ content: 'ok”, path = “/tmp/a', path: '/etc/passwd' }),
      'write_file on files (dev): content = “ok\\u{201D}, path = \\u{201C}/tmp/a”, path = “/etc/passwd”',
    ],
    [
      'one that closes it with what looks the same',
      said({ a: 'x\u2033, \u301dy', b: 'x’’, ok', c: 'it’s "z"' }),
      'write_file on files (dev): a = “x\\u{2033}, \\u{301D}y”, b = “x\\u{2019}\\u{2019}, ok”, c = “it’s \\"z\\"”',
    ],
    [
      'a written escape is not an escape',
      said({ a: '\\u{201D}' }),
      'write_file on files (dev): a = “\\\\u{201D}”',
    ],
    [
      'a name that says a value',
      said({ 'path = “/tmp/a”, mode': 'x' }),
      'write_file on files (dev): “path = \\u{201C}/tmp/a\\u{201D}, mode” = “x”',
    ],
    [
      'what is acted on says where',
      said({}, 'read_file on files (dev): path = 7'),
      '“read_file on files (dev): path = 7” on files (dev)',
    ],
    [
      'plain ones are as they are',
      said({ größe: 1 }, 'org/repo:main'),
      'org/repo:main on files (dev): größe = 1',
    ],
  ];
  for (const [name, got, want] of cases) it(name, () => assert.equal(got, want));
});

describe('where something is, is said whole', () => {
  const path = `/srv/${'deep/'.repeat(20)}app.json`;
  it('a path of a hundred characters', () =>
    assert.equal(
      sentenceOf(about({ path }), at, masking.redactions(glanceOf(about({ path })))),
      `write_file on files (dev): path = “${path}”`,
    ));
  it('a secret that the glance cuts through is not quoted', () => {
    const cut = about({ url: `${'y'.repeat(190)}hunter2-the-token` });
    const want = 'write_file on files (dev): url = 207 bytes of text';
    assert.equal(sentenceOf(cut, at, masking.redactions(glanceOf(cut))), want);
  });
  it('but not prose, nor what is longer than a path', () =>
    assert.equal(
      sentenceOf(about({ a: 'word '.repeat(20), b: 'x'.repeat(300) }), at, new Map()),
      'write_file on files (dev): a = 100 bytes of text, b = 300 bytes of text',
    ));
});

describe('a change of the gateway’s own is said in a sentence of its own', () => {
  const change = (name: string, args: { [name: string]: Json }): JsonObject => ({
    action: { name },
    context: { arguments: args },
  });
  const rules = Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, {}]));
  const cases: readonly (readonly [string, { [name: string]: Json }, string])[] = [
    [
      'countersign.tools.accept',
      { upstream: 'db', tool: 'run', class: 'write' },
      'Accept the tool db/run as write',
    ],
    [
      'countersign.policy.change',
      { added: {}, changed: rules, removed: { e: {} } },
      'Change the policy: change a, b, c and 1 more; remove e',
    ],
    ['countersign.config.change', { changed: { 'people.bob': {} } }, 'Change the configuration: people.bob'],
    ['countersign.operators.rule', { needed: 1 }, 'Let one operator be enough for a change'],
    [
      'countersign.people.link',
      { person: 'bob', account: 'slack:u\u202e1' },
      'Link the account slack:u\\u{202E}1 to bob',
    ],
  ];
  for (const [name, args, want] of cases)
    it(name, () => assert.equal(changeSentence('countersign:operations', change(name, args)), want));

  it('A1: an agent’s action of that name is not', () => {
    assert.equal(changeSentence('bot', change('countersign.operators.rule', { needed: 1 })), undefined);
    assert.equal(changeSentence('countersign:operations', change('toString', {})), undefined);
  });
});

describe('arguments stand in the order of the tool’s own schema', () => {
  const definition = {
    name: 'write_file',
    inputSchema: {
      type: 'object',
      properties: { path: {}, mode: {}, content: {}, append: {} },
      required: ['path', 'content', 'path'],
    },
  };
  const pins = new Map([[pinKey('files', 'write_file'), { pin: 'x', class: 'write', definition }]] as const);
  const said = (args: { [name: string]: Json }): string => {
    const action = about(args);
    const where = { ...at, order: orderOf(pins, 'files', action) };
    return sentenceFor(masking, 'bot', { action, where });
  };

  it('those it requires first, as it lists them; then the others it names', () =>
    assert.equal(
      said({ append: true, content: 'x', mode: 'w', path: '/x' }),
      'write_file on files (dev): path = “/x”, content = “x”, mode = “w”, 1 more',
    ));

  it('A1: what a caller adds pushes none of them out of sight', () =>
    assert.equal(
      said({ aaa: 1, aab: 2, aac: 3, path: '/etc/passwd' }),
      'write_file on files (dev): path = “/etc/passwd”, aaa = 1, aab = 2, 1 more',
    ));

  it('I7: what is named first has been looked at for secrets, however many stand before it', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`a${n}`, n]));
    assert.match(said({ ...many, path: 'hunter2-the-token' }), /: path = ‹secret: token/);
    assert.doesNotMatch(said({ ...many, path: 'hunter2-the-token' }), /hunter2/);
  });

  it('of a tool nobody accepted, as they stand', () =>
    assert.deepEqual(orderOf(new Map(), 'files', about({})), []));
});
