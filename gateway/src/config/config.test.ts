import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configProblems } from '../../testing/config.ts';

const problems = (value: unknown): readonly string[] => configProblems(JSON.stringify(value));

const KEY = `sha256:${'a'.repeat(64)}`;
const person = (...accounts: readonly string[]) => ({ name: 'Someone', roles: ['reviewer'], accounts });
const signIn = (issuer: string) => ({
  sign_in: { oidc: { corp: { name: 'Corp', issuer, client_id: 'c', client_secret: 'env:S' } } },
});
const upstream = (env: string | undefined, mcp: object) => ({
  upstreams: { files: { ...(env === undefined ? {} : { env }), mcp } },
});

test('names that must exist, and people, agents and keys that must not mix (I4, I12, A27)', () => {
  const table: readonly (readonly [string, unknown, RegExp | undefined])[] = [
    ['nothing at all', {}, undefined],
    ['a group of nobody', { groups: { dba: ['ann'] } }, /^groups\.dba: there is no person “ann”/],
    [
      'an owner misspelt',
      { people: { anna: person() }, agents: { bot: { owner: 'ana', keys: [KEY] } } },
      /did you mean “anna”/,
    ],
    [
      'an account of two people',
      { people: { ann: person('a@x.test'), bob: person('A@x.test') } },
      /already belongs to ann/,
    ],
    [
      'an account that is a person',
      { people: { ann: person(), bob: person('ANN') } },
      /already belongs to ann/,
    ],
    [
      'A13: an address of two people, written in two ways',
      { people: { ann: person('a@x.test'), bob: person('email:A@x.test') } },
      /“email:A@x.test” already belongs to ann/,
    ],
    [
      'A13: an account of two people, with and without a slash',
      { people: { ann: person('oidc:https://i.test/#s'), bob: person('oidc:https://i.test#s') } },
      /already belongs to ann/,
    ],
    [
      'two subjects that differ by case',
      { people: { ann: person('oidc:https://i.test#s'), bob: person('oidc:https://i.test#S') } },
      undefined,
    ],
    [
      'A13: an issuer spelled otherwise than it is trusted',
      { people: { ann: person('oidc:https://IDP.test#s') }, ...signIn('https://idp.test/') },
      /^people\.ann\.accounts: .*the issuer is spelled https:\/\/idp\.test\/$/,
    ],
    [
      'the issuer as it is',
      { people: { ann: person('oidc:https://idp.test/#s') }, ...signIn('https://idp.test/') },
      undefined,
    ],
    [
      'an account without a subject',
      { people: { ann: person('OIDC:https://idp.test') } },
      /must be oidc:<issuer>#<subject>/,
    ],
    [
      'an agent named as a person',
      { people: { ann: person() }, agents: { ann: { keys: [KEY] } } },
      /also the name of a person/,
    ],
    [
      'a key of two agents',
      { agents: { one: { keys: [KEY] }, two: { keys: [KEY] } } },
      /the same key is listed for one/,
    ],
    [
      'a started server in production',
      upstream('prod', { command: ['server'] }),
      /^upstreams\.files\.mcp: run_as is missing/,
    ],
    ['the same by default', upstream(undefined, { command: ['server'] }), /run_as is missing/],
    [
      'a started server with its own user',
      upstream('prod', { command: ['server'], run_as: 'mcp' }),
      undefined,
    ],
    ['a started server in development', upstream('dev', { command: ['server'] }), undefined],
    ['a server elsewhere', upstream('prod', { url: 'https://mcp.example.com/mcp' }), undefined],
  ];
  for (const [name, value, want] of table) {
    const said = problems(value);
    if (want === undefined) assert.deepEqual(said, [], name);
    else assert.match(said.join('\n'), want, name);
  }
});
