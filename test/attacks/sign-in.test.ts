/** Signing in, attacked against a whole gateway and a real provider: where it leads, and whose it stays (A13, A16). */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Me } from '@countersign/sdk';
import { Browser } from '../../gateway/testing/idp.ts';
import { until } from '../../gateway/testing/until.ts';
import { begin, type House, openSignInHouse } from '../sign-in/house.ts';

let house: House;
before(async () => {
  house = await openSignInHouse();
  house.idp.accounts.set('rob', { name: 'Rob', groups: [] });
  house.idp.accounts.set('vic', { name: 'Vic', groups: ['idp-staff'] });
});
after(() => house.close());

describe('A16: a link to the real sign-in page', () => {
  for (const to of [
    '/..//evil.example/x',
    '/.//evil.example',
    '//evil.example',
    '/requests/../..//evil.example',
  ])
    it(`that would lead to another site afterwards leads to our own: ${to}`, async () => {
      const browser = new Browser();
      house.idp.signedIn = 'vic';
      const back = await browser.goTo(
        await begin(house, browser, { return_to: to }),
        `${house.url}/sign-in/`,
      );
      const response = await browser.ask(back);
      assert.equal(response.status, 303);
      assert.equal(new URL(response.headers.get('location') ?? '', house.url).origin, house.url);
    });
});

describe('A13: an account taken from a person', () => {
  const [linked, plain] = [
    (sub: string) => `bob: { name: Bob, roles: [reviewer], accounts: ["oidc:${house.idp.issuer}#${sub}"] }`,
    'bob: { name: Bob, roles: [reviewer] }',
  ];
  const given = (sub: string) =>
    `${plain}\n  mal: { name: Mal, roles: [reviewer], accounts: ["oidc:${house.idp.issuer}#${sub}"] }`;
  const rows = [
    ['is unlinked', () => plain],
    ['is given to another', () => given('rob')],
  ] as const;
  for (const [what, after] of rows)
    it(`signs nobody in as them once it ${what}: sessions that were open too`, async () => {
      await house.yard.editConfig((text) => text.replace(plain, linked('rob')));
      const who = async (): Promise<Me | undefined> => {
        const response = await (await house.signIn('rob')).api('/api/me');
        return response.ok ? ((await response.json()) as Me) : undefined;
      };
      await until('the account is bob’s', async () => (await who())?.id === 'bob');
      const open = await house.signIn('rob');
      const alice = await house.withLink('alice');
      assert.equal((await open.api('/api/me')).status, 200);
      await house.yard.editConfig((text) => text.replace(linked('rob'), after()));
      await until('the configuration is taken up', async () => (await who())?.id !== 'bob');
      assert.equal((await open.api('/api/me')).status, 401);
      const { items } = (await alice.sessions.list({ person: 'bob' })) as { items: readonly unknown[] };
      assert.deepEqual(items, []);
      await house.yard.editConfig((text) => text.replace(after(), plain));
    });
});
