import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from './config.ts';
import { ConfigError, parseConfigSource } from './source.ts';
import { couldMake, couldMeet, fill, readTemplate, template } from './template.ts';

const wrong = (text: string): string => {
  try {
    parseConfig(parseConfigSource('c.yaml', text));
    return '';
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
};
const entry = (
  more: string,
  rule = 'match: { sub: x }, agent: "a:{sub}"',
  issuer = 'https://idp.example.com',
): string => `  - { issuer: "${issuer}", ${more} agents: [{ ${rule} }] }\n`;
const config = (entries: string, rest = ''): string =>
  `people: { ann: { name: Ann, roles: [reviewer] } }\n${rest}workload_identity:\n${entries}`;
const HASH = `sha256:${'a'.repeat(64)}`;

describe('workload_identity: each mistake names its place and its mend', () => {
  const table: readonly (readonly [string, string, RegExp])[] = [
    [
      'plain http',
      config(entry('', undefined, 'http://idp.example.com')),
      /issuer: must be the tokens’ `iss`: an https URL/,
    ],
    [
      'an issuer with a query',
      config(entry('', undefined, 'https://idp.example.com/?a=1')),
      /issuer: must be/,
    ],
    ['a symmetric algorithm', config(entry('algorithms: [HS256],')), /algorithms/],
    ['alg none', config(entry('algorithms: [none],')), /algorithms/],
    [
      'keys over plain http',
      config(entry('jwks_uri: "http://keys.example.com/",')),
      /jwks_uri: must be an https URL/,
    ],
    [
      'keys from two places',
      config(entry('jwks_uri: "https://k.example.com/", jwks_file: k.json,')),
      /keys come from one place/,
    ],
    [
      'a trust domain without keys',
      config(entry('', undefined, 'spiffe://example.org')),
      /no discovery document; add jwks_uri or jwks_file/,
    ],
    ['no match', config(entry('', 'match: {}, agent: "a:{sub}"')), /at least one claim/],
    [
      'an agent that begins with a claim',
      config(entry('', 'match: { sub: x }, agent: "{sub}"')),
      /begin with a text of its own/,
    ],
    [
      'two claims side by side',
      config(entry('', 'match: { sub: x }, agent: "a:{sub}{iss}"')),
      /side by side/,
    ],
    ['a brace left open', config(entry('', 'match: { sub: x }, agent: "a:{sub"')), /brace/],
    [
      'an owner nobody is',
      config(entry('', 'match: { sub: x }, agent: "a:{sub}", owner: anne')),
      /no person “anne”; did you mean “ann”/,
    ],
    [
      'an agent that is a person',
      config(entry('', 'match: { sub: x }, agent: ann')),
      /also the name of a person/,
    ],
    [
      'a configured agent with another owner',
      config(
        entry('', 'match: { sub: x }, agent: bot, owner: ann'),
        `agents: { bot: { keys: ["${HASH}"] } }\n`,
      ),
      /which says owner and team/,
    ],
    [
      'a template that could make a configured agent',
      config(entry('', 'match: { sub: x }, agent: "bo{sub}"'), `agents: { bot: { keys: ["${HASH}"] } }\n`),
      /could make the name “bot”/,
    ],
    [
      'A13: a name of the gateway’s own',
      config(entry('', 'match: { sub: x }, agent: "countersign:{sub}"')),
      /begins as the gateway’s own names do/,
    ],
    ['one issuer twice', config(entry('') + entry('')), /listed twice/],
    [
      'two issuers that could make one name',
      config(entry('') + entry('', 'match: { sub: x }, agent: "a:b{sub}"', 'https://other.example.com')),
      /a rule of https:\/\/idp.example.com makes too/,
    ],
    ['a lifetime of a week', config(entry('lifetime_max: 7d,')), /between 1m and 1d/],
    [
      'an agent that can never come in',
      'agents: { bot: {} }\n',
      /could never come in; make a key with: countersign agents new-key bot/,
    ],
    [
      'a key’s day that is none',
      `agents: { bot: { keys: [{ hash: "${HASH}", expires: tomorrow }] } }\n`,
      /must be a day, 2027-03-31/,
    ],
    [
      'a key’s prefix that is the key',
      `agents: { bot: { keys: [{ hash: "${HASH}", prefix: "cs_agent_${'a'.repeat(43)}" }] } }\n`,
      /at most 8 characters/,
    ],
  ];
  for (const [name, text, message] of table) it(name, () => assert.match(wrong(text), message));

  it('what is right is taken: an agent without keys that a rule names, and one with both', () => {
    const rule = 'match: { sub: x }, agent: bot';
    assert.equal(wrong(config(entry('', rule), 'agents: { bot: { owner: ann } }\n')), '');
    assert.equal(wrong(config(entry('', rule), `agents: { bot: { keys: ["${HASH}"] } }\n`)), '');
  });
});

const literal = fc.constantFrom('a', ':', '/', 'x:', '-', 'k8s:');
const value = fc.string({
  unit: fc.constantFrom('a', 'b', ':', '/', '-', 'x', 'k'),
  minLength: 1,
  maxLength: 6,
});

describe('names made of claims', () => {
  it('different claims never make one name, and whatever is made could have been', () => {
    fc.assert(
      fc.property(
        literal,
        literal,
        fc.array(value, { minLength: 4, maxLength: 4 }),
        (head, between, [a = '', b = '', c = '', d = '']) => {
          const made = template(`${head}{one}${between}{two}`);
          const [first, second] = [fill(made, { one: a, two: b }), fill(made, { one: c, two: d })];
          if (first !== undefined) assert.ok(couldMake(made, first));
          if (first !== undefined && first === second) assert.deepEqual([a, b], [c, d]);
        },
      ),
    );
  });

  it('two templates that make one name could meet', () => {
    fc.assert(
      fc.property(fc.tuple(literal, literal), value, value, ([head, other], a, b) => {
        const [one, two] = [template(`${head}{v}`), template(`${other}{v}`)];
        if (fill(one, { v: a }) === fill(two, { v: b }) && fill(one, { v: a }) !== undefined)
          assert.ok(couldMeet(one, two));
      }),
    );
  });

  it('only own claims, whole and plain', () => {
    const made = template('a:{constructor}');
    for (const claims of [
      {},
      { constructor: '' },
      { constructor: 'a b' },
      { constructor: null },
      { constructor: ['a'] },
      { constructor: 1.5 },
    ])
      assert.equal(fill(made, claims), undefined);
    assert.equal(fill(made, { constructor: 7 }), 'a:7');
    assert.equal(fill(template('a:{/x~1y/z}'), { 'x/y': { z: 'v' } }), 'a:v');
    assert.equal(typeof readTemplate('a{}'), 'string');
  });
});
