/** Where a request is shown: a table. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SEAT } from '../../testing/rig.ts';
import { type ChannelsConfig, channelsSchema, checkChannels } from '../channels/config.ts';
import { type AskedAbout, PLACES_MAX, type Plan, placesFor } from './plan.ts';

const person = (id: string, groups: readonly string[], accounts: readonly string[]) => ({
  id,
  groups,
  accounts,
});

const CHANNELS: Plan['channels'] = [
  {
    kind: 'slack',
    places: ['C0'],
    placeOf: (account) => (account.startsWith('slack:') ? account.slice('slack:'.length) : undefined),
  },
  { kind: 'mail', places: ['reviewers'], placeOf: (account) => account.split('email:')[1] },
  { kind: 'paper', places: [] },
];
const PEOPLE = [
  person('bob', ['dba'], ['slack:u1', 'email:bob@example.com']),
  person('carol', ['dba', 'security'], ['email:carol@example.com']),
  person('dan', [], ['slack:u3']),
];

const ASKED: AskedAbout = {
  upstream: 'orders',
  env: 'prod',
  agent: 'coder',
  risk: 'high',
  rules: ['unbounded', 'writes'],
  requirement: {
    ...SEAT,
    seats: [{ by: 'group:dba', count: 1, proof: 'session' }],
    next: [{ seats: [{ by: 'group:security', count: 1, proof: 'session' }], choices: [] }],
  },
};

type Routes = readonly { readonly when?: object; readonly to: readonly string[] }[];

function shown(routes: Routes, asked: Partial<AskedAbout> = {}, people = PEOPLE): readonly string[] {
  const config: ChannelsConfig = channelsSchema.parse({ routes });
  const found = placesFor({ ...ASKED, ...asked }, { routes: config.routes, channels: CHANNELS, people });
  return found.map(({ channel, place }) => `${channel}:${place}`);
}

const OWN = ['slack:C0', 'mail:bob@example.com', 'mail:carol@example.com'];

describe('where a request is shown', () => {
  const table: readonly (readonly [
    title: string,
    routes: Routes,
    want: readonly string[],
    over?: Partial<AskedAbout>,
  ])[] = [
    ['each channel’s own places, without a route', [], OWN],
    ['there and nowhere else, where a route matches', [{ to: ['slack:C1'] }], ['slack:C1']],
    [
      'wherever every route that matches says, once',
      [{ to: ['slack:C1', 'slack:C2'] }, { when: { env: 'prod' }, to: ['slack:C2', 'slack:C3'] }],
      ['slack:C1', 'slack:C2', 'slack:C3'],
    ],
    ['the own places, where none matches', [{ when: { env: 'dev' }, to: ['slack:C1'] }], OWN],
    ['all that is said must hold', [{ when: { env: 'prod', agent: 'other' }, to: ['slack:C1'] }], OWN],
    ['of a list, one', [{ when: { env: ['dev', 'prod'] }, to: ['slack:C1'] }], ['slack:C1']],
    ['by a group that is asked', [{ when: { group: 'dba' }, to: ['slack:C1'] }], ['slack:C1']],
    ['by a group of a later stage', [{ when: { group: 'security' }, to: ['slack:C1'] }], ['slack:C1']],
    ['not by a group nobody asks', [{ when: { group: 'legal' }, to: ['slack:C1'] }], OWN],
    [
      'by a group of an alternative',
      [{ when: { group: 'legal' }, to: ['slack:C1'] }],
      ['slack:C1'],
      {
        requirement: {
          ...SEAT,
          seats: [],
          choices: [{ rule: 'r', anyOf: [[{ by: 'group:legal', count: 1, proof: 'session' }]] }],
        },
      },
    ],
    ['by rule', [{ when: { rule: 'writes' }, to: ['slack:C1'] }], ['slack:C1']],
    ['by risk', [{ when: { risk: ['high', 'critical'] }, to: ['slack:C1'] }], ['slack:C1']],
    ['by upstream', [{ when: { upstream: 'orders' }, to: ['slack:C1'] }], ['slack:C1']],
    [
      'to the members of a group that the channel can reach',
      [{ to: ['slack:group:dba', 'mail:group:security'] }],
      ['slack:u1', 'mail:carol@example.com'],
    ],
    ['to everybody who may answer', [{ to: ['slack:reviewers'] }], ['slack:u1', 'slack:u3']],
    ['A20: the own places, where a route reaches nobody', [{ to: ['slack:group:nobody'] }], OWN],
    ['A20: the own places, where a channel reaches no person at all', [{ to: ['paper:reviewers'] }], OWN],
  ];
  for (const [title, routes, want, over] of table)
    it(title, () => assert.deepEqual(shown(routes, over), want));

  it('I15: at most so many places, the first written', () => {
    const many = Array.from({ length: 200 }, (_, at) => person(`p${at}`, [], [`slack:u${at}`]));
    assert.equal(shown([{ to: ['slack:C1', 'slack:reviewers'] }], {}, many).length, PLACES_MAX);
  });
});

describe('routes in the configuration', () => {
  const problems = (channels: object): readonly string[] => {
    const found: string[] = [];
    checkChannels(channelsSchema.parse(channels), (path, message) =>
      found.push(`${path.join('.')}: ${message}`),
    );
    return found;
  };
  it('name a channel that is configured', () => {
    assert.match(
      problems({ routes: [{ to: ['slack:C1'] }] }).join(),
      /channels\.routes\.0\.to\.0: there is no channel “slack”/,
    );
    assert.deepEqual(problems({}), []);
  });
  it('are refused where they are no places, or say nothing', () => {
    for (const to of [[], ['slack'], ['slack:'], ['Slack:C1'], ['slack:C 1'], [`slack:${'x'.repeat(300)}`]])
      assert.throws(() => channelsSchema.parse({ routes: [{ to }] }), JSON.stringify(to));
    assert.throws(() => channelsSchema.parse({ routes: [{ when: { who: 'bob' }, to: ['slack:C1'] }] }));
  });
});
