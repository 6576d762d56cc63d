import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configProblems } from '../../../testing/config.ts';

const KEY = `sha256:${'a'.repeat(64)}`;
const agent = (rest: string): string => `agents: { bot: { keys: ['${KEY}'], ${rest} } }`;
const person = (rest: string): string => `people: { ann: { name: Ann, ${rest} } }`;
const mcp = (rest: string): string => `upstreams: { files: { env: dev, mcp: ${rest} } }`;
const UNION = 'upstreams.files.mcp: must have either `url`';

test('a value of the wrong kind is told how it is written', () => {
  const table: readonly (readonly [text: string, said: string])[] = [
    [
      'listen: 7070',
      'listen: must be a map of keys, not a number; write it like listen: { http: 127.0.0.1:7070 }',
    ],
    ['listen:', 'listen: must be a map of keys, not nothing; write it like listen: { http: 127.0.0.1:7070 }'],
    ['listen: { http: 7070 }', 'listen.http: must be text, not a number; write it like http: 127.0.0.1:7070'],
    ['store: ./data', 'store: must be a map of keys, not text; write it like store: { sqlite: ./data }'],
    [
      agent('hold_wait: 50'),
      'agents.bot.hold_wait: must be a duration, not a number; write it like hold_wait: 50s',
    ],
    [agent('hold_wait: 50 s'), 'agents.bot.hold_wait: must be a duration such as 30s, 10m or 2h'],
    [
      agent('pending_max: "5"'),
      'agents.bot.pending_max: must be a whole number, not text; write it without quotes',
    ],
    [
      'limits: { body_bytes_max: 4MB }',
      'limits.body_bytes_max: must be a whole number, not text; write it like body_bytes_max: 4194304',
    ],
    ['agents: { bot: { keys: x } }', 'agents.bot.keys: must be a list, not text; write it like keys: […]'],
    [
      'people: { ann: { name: Ann } }',
      'people.ann.roles: is missing; it must be a list; write it like roles: [reviewer]',
    ],
    [
      person('roles: reviewer'),
      'people.ann.roles: must be a list, not text; write it like roles: [reviewer]',
    ],
    [
      'people: { ann: Ann }',
      'people.ann: must be a map of keys, not text; write it like ann: { name: …, roles: [reviewer] }',
    ],
    [
      person('roles: [reviewer], active: yes'),
      'people.ann.active: must be true or false, not text; write it like active: true',
    ],
    ['groups: { dba: ann }', 'groups.dba: must be a list, not text; write it like dba: […]'],
    ['agents: [bot]', 'agents: must be a map of keys, not a list'],
    ['- a', ': must be a map of keys, not a list'],
  ];
  for (const [text, said] of table) assert.deepEqual(configProblems(text), [said], text);
});

test('a word misspelt is told the likely one: keys, roles, and keys of one kind of upstream', () => {
  const table: readonly (readonly [text: string, said: string])[] = [
    ['upsteams: {}', 'upsteams: unknown key; did you mean “upstreams”?'],
    ['listen: { htp: x }', 'listen.htp: unknown key; did you mean “http”?'],
    [agent('ower: ann'), 'agents.bot.ower: unknown key; did you mean “owner”?'],
    [
      person('roles: [reviwer]'),
      'people.ann.roles.0: must be one of: reviewer, operator, auditor; did you mean “reviewer”?',
    ],
    [person('roles: [admin]'), 'people.ann.roles.0: must be one of: reviewer, operator, auditor'],
    ['listen: { xyzzy: 1 }', 'listen.xyzzy: unknown key; the keys here are: http, trusted_proxies'],
    [
      mcp('{ url: "https://x.test/mcp", call_timeout: 5 }'),
      'upstreams.files.mcp.call_timeout: unknown key; did you mean “call_timeout_ms”?',
    ],
  ];
  for (const [text, said] of table) assert.deepEqual(configProblems(text), [said], text);
});

test('of an upstream that says what it is, the key at fault is named', () => {
  const table: readonly (readonly [text: string, said: string])[] = [
    [mcp('{ url: 5 }'), 'upstreams.files.mcp.url: must be text, not a number'],
    [
      mcp('{ command: server }'),
      'upstreams.files.mcp.command: must be a list, not text; write it like command: […]',
    ],
    [mcp('{ command: [server], cwd: 5 }'), 'upstreams.files.mcp.cwd: must be text, not a number'],
    [mcp('{}'), UNION],
    [mcp('{ url: "https://x.test", command: [x] }'), UNION],
    [mcp('https://x.test/mcp'), UNION],
    ['upstreams: { files: {} }', UNION],
  ];
  for (const [text, said] of table) {
    const [first, ...more] = configProblems(text);
    assert.ok(first?.startsWith(said), `${text}: ${first}`);
    assert.deepEqual(more, [], text);
  }
});

test('every problem is told, each once', () => {
  assert.equal(configProblems('listen: 1\nstore: 2\nagents: { bot: { keys: x, hold_wait: 5 } }').length, 4);
});

test('I7: no value is repeated, wherever it stands wrongly', () => {
  const secret = 'hunter2-reviewerr';
  const places = [
    `listen: ${secret}`,
    `listen: { http: ${secret} }`,
    `public_url: ${secret}`,
    `store: { sqlite: [${secret}] }`,
    agent(`hold_wait: ${secret}`),
    agent(`pending_max: ${secret}`),
    `agents: { bot: { keys: [${secret}] } }`,
    person(`roles: [${secret}]`),
    person(`roles: ${secret}`),
    mcp(secret),
    mcp(`{ url: ${secret} }`),
    mcp(`{ url: "https://x.test", bearer: ${secret} }`),
    mcp(`{ command: ${secret} }`),
  ];
  for (const text of places) {
    const said = configProblems(text).join('\n');
    assert.notEqual(said, '', text);
    assert.ok(!said.includes('hunter2'), said);
  }
});
