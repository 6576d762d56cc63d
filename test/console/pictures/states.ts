/** Which views and states there are to look at, and how one gets to each. Nothing here changes anything in the town. */
import type { Page } from 'playwright-core';

export type State = {
  readonly name: string;
  /** Nobody signed in where it is left out. */
  readonly person?: string;
  readonly at: string;
  /** What stands on the page once it is ready; its title otherwise. */
  readonly ready?: string;
  readonly act?: (page: Page) => Promise<unknown>;
};

const ROW = 'main li a[data-row]';
/** What the first row leads to. */
const opened =
  (ready: string) =>
  async (page: Page): Promise<unknown> => {
    await page.click(ROW);
    return page.waitForSelector(ready);
  };

/** `waiting` are the requests of the town's past that wait, in its order. */
export function statesOf(waiting: readonly string[]): readonly State[] {
  const [sql, namespace, misleading, wrong, size, , claimed, secret, manifest] = waiting;
  const together = encodeURIComponent(JSON.stringify([misleading, wrong, size]));
  return [
    { name: 'sign-in', at: '/sign-in' },
    { name: 'inbox', person: 'rita', at: '/', ready: 'main a[href^="/requests/"]' },
    { name: 'inbox-empty', person: 'ada', at: '/' },
    { name: 'request-sql', person: 'raj', at: `/requests/${sql}` },
    { name: 'request-two-needed', person: 'rita', at: `/requests/${namespace}` },
    { name: 'request-misleading', person: 'rita', at: `/requests/${misleading}` },
    { name: 'request-own', person: 'olivia', at: `/requests/${misleading}` },
    { name: 'request-claim', person: 'rita', at: `/requests/${claimed}` },
    { name: 'request-hidden', person: 'rita', at: `/requests/${secret}` },
    { name: 'request-manifest', person: 'rita', at: `/requests/${manifest}` },
    { name: 'request-exactly', person: 'raj', at: `/requests/${sql}?as=exact` },
    { name: 'together', person: 'rita', at: `/requests/together?ids=${together}`, ready: 'article' },
    { name: 'history', person: 'ada', at: '/history' },
    { name: 'history-found', person: 'ada', at: '/history?q=refund&outcome=succeeded' },
    {
      name: 'call',
      person: 'ada',
      at: '/history?q=double+charge',
      ready: ROW,
      act: opened('text=In the audit log'),
    },
    { name: 'runs', person: 'ada', at: '/runs' },
    { name: 'run', person: 'ada', at: '/runs?agent=support-bot', ready: ROW, act: opened('article') },
    { name: 'audit', person: 'ada', at: '/audit' },
    {
      name: 'audit-entry',
      person: 'ada',
      at: '/audit?kind=review',
      ready: ROW,
      act: opened('text=In the log, signed'),
    },
    { name: 'audit-checkpoint', person: 'ada', at: '/audit/checkpoint', ready: 'text=Signed, and still' },
    { name: 'policy', person: 'olivia', at: '/policy' },
    { name: 'insights', person: 'ada', at: '/insights' },
    { name: 'agents', person: 'olivia', at: '/agents' },
    { name: 'upstreams', person: 'olivia', at: '/upstreams' },
    { name: 'people', person: 'olivia', at: '/people' },
    { name: 'channels', person: 'olivia', at: '/channels' },
    { name: 'start', person: 'olivia', at: '/start' },
    { name: 'account', person: 'rita', at: '/account' },
  ];
}
