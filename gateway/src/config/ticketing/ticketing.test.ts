/** What the `ticketing` part of the configuration refuses, with the fix; and what it says of what will not last. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configProblems } from '../../../testing/config.ts';
import { configSchema } from '../config.ts';
import { ticketingAdvice } from './ticketing.ts';

const HASH = `sha256:${'a'.repeat(64)}`;
const KEY = { hash: HASH, expires: '2099-01-01' };
const GOOD = { keys: [KEY], sees: 'all' };
const RELAY = { may: ['relay'], oidc: { provider: 'okta', client_id: 'jira' } };

function faults(jira: object, more: object = {}, around: object = {}): string {
  const text = JSON.stringify({
    public_url: 'https://gate.example.com',
    sign_in: {
      oidc: { okta: { name: 'O', issuer: 'https://o.example', client_id: 'c', client_secret: 'env:S' } },
    },
    upstreams: { orders: { env: 'prod', mcp: { url: 'https://orders.example/mcp' } } },
    ticketing: { jira: { ...GOOD, ...jira }, ...more },
    ...around,
  });
  return configProblems(text).join('\n');
}

describe('ticketing', () => {
  const rows: readonly [string, object, RegExp][] = [
    ['is good', {}, /^$/],
    ['is good with a proof to hand over', RELAY, /^$/],
    ['is good with origins', { may: ['relay'], origins: ['https://jira.example.com'] }, /^$/],
    ['is good by name', { sees: { upstreams: ['orders'], environments: ['prod'] } }, /^$/],
    ['needs a key', { keys: [] }, /^ticketing\.jira\.keys/],
    [
      'takes no key itself',
      { keys: [{ hash: 'cs_ticket_x', expires: '2099-01-01' }] },
      /countersign tickets new-key/,
    ],
    ['has keys that end', { keys: [{ hash: HASH }] }, /ticketing\.jira\.keys\.0\.expires/],
    ['lists a key once', { keys: [KEY, KEY] }, /keys\.1\.hash: the same key is listed for jira/],
    ['knows what it may', { may: ['approve'] }, /ticketing\.jira\.may\.0/],
    ['says it once', { may: ['deny', 'deny'] }, /may: names the same twice/],
    ['must say what it sees by name', { sees: {} }, /ticketing\.jira\.sees/],
    ['sees what there is', { sees: { upstreams: ['order'] } }, /sees\.upstreams\.0: .*did you mean “orders”/],
    ['sees environments there are', { sees: { environments: ['dev'] } }, /there are: prod/],
    ['relays something', { may: ['relay'] }, /may: relay needs oidc.*or origins/],
    ['relays if it has what for', { oidc: RELAY.oidc }, /oidc: is of no use without relay/],
    [
      'has origins to relay',
      { origins: ['https://jira.example.com'] },
      /origins: are of no use without relay/,
    ],
    [
      'relays for a provider there is',
      { ...RELAY, oidc: { provider: 'otka', client_id: 'x' } },
      /oidc\.provider: there is no provider “otka”.*there are: okta/,
    ],
    [
      'has a client of its own',
      { ...RELAY, oidc: { provider: 'okta', client_id: 'c' } },
      /oidc\.client_id: is this gateway’s own client/,
    ],
    ['has origins without a path', { may: ['relay'], origins: ['https://jira.example.com/'] }, /origins\.0/],
    ['has origins over https', { may: ['relay'], origins: ['http://jira.example.com'] }, /origins\.0/],
    ['has origins with a name', { may: ['relay'], origins: ['https://10.0.0.1'] }, /origins\.0/],
    [
      'has origins of its own',
      { may: ['relay'], origins: ['https://gate.example.com'] },
      /origins: https:\/\/gate\.example\.com is this gateway’s own origin/,
    ],
    ['says where tickets are, plainly', { url: 'https://jira.example.com/?q=' }, /ticketing\.jira\.url/],
  ];
  for (const [name, jira, want] of rows) it(name, () => assert.match(faults(jira), want));

  it('shares neither keys nor clients with another system, or a provider of people', () => {
    const other = { snow: { ...GOOD, ...RELAY, keys: [{ ...KEY, hash: `sha256:${'b'.repeat(64)}` }] } };
    assert.match(faults(RELAY, other), /snow\.oidc\.client_id: is also the client of jira/);
    assert.match(faults({}, { snow: GOOD }), /snow\.keys\.0\.hash: the same key is listed for jira/);
    const scim = { scim: { okta: { tokens: [KEY] } } };
    assert.match(faults({}, {}, scim), /jira\.keys\.0\.hash: the same key is listed for okta/);
    const agents = {
      people: { al: { name: 'Al', roles: ['operator'] } },
      agents: { coder: { owner: 'al', keys: [HASH] } },
    };
    assert.match(faults({}, {}, agents), /jira\.keys\.0\.hash: the same key is listed for coder/);
  });

  it('comments and no more, and sees nothing, unless it is said', () => {
    const { ticketing } = configSchema.parse({ ticketing: { jira: { keys: [KEY] } } });
    assert.deepEqual(ticketing['jira']?.may, ['comment']);
    assert.match(
      ticketingAdvice(ticketing, 0).join('\n'),
      /ticketing\.jira\.sees: not said, so it sees no request/,
    );
  });

  it('says ahead which keys will not last', () => {
    const { ticketing } = configSchema.parse({
      ticketing: { jira: { ...GOOD, keys: [{ hash: HASH, expires: '2027-03-31' }] } },
    });
    const at = (day: string) => ticketingAdvice(ticketing, Date.parse(day));
    assert.deepEqual(at('2027-01-01'), []);
    assert.match(
      at('2027-03-20').join(),
      /expires on 2027-03-31; add a new one beside it: countersign tickets new-key jira/,
    );
    assert.match(at('2027-04-01').join(), /expired on 2027-03-31; remove it/);
  });
});
