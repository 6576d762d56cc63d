/** What has happened in the town, and what waits: every kind of end, made by acting. Days of it cannot be made. */
import type { Client } from '@countersign/sdk';
import type { Call, Town } from './town.ts';

const refund = (charge: string, amount: number, note: string): Call => ({
  agent: 'support-bot',
  upstream: 'payments',
  tool: 'refund',
  args: { charge, amount, note },
});
const rollout = (name: string, image: string, replicas: number): Call => ({
  agent: 'release-bot',
  upstream: 'cluster',
  tool: 'rollout',
  args: { name, image, replicas },
});

const FREE: readonly Call[] = [
  ...['checkout', 'search', 'billing'].map(
    (name): Call => ({
      agent: 'release-bot',
      upstream: 'cluster',
      tool: 'show_deployment',
      args: { name },
    }),
  ),
  { agent: 'data-bot', upstream: 'warehouse', tool: 'list_tables' },
  { agent: 'support-bot', upstream: 'payments', tool: 'show_charge', args: { charge: 'ch_1042' } },
  refund('ch_1042', 20, 'late parcel'),
];

const EXPORT: Call = {
  agent: 'data-bot',
  upstream: 'warehouse',
  tool: 'export_table',
  args: { table: 'customers', format: 'csv', destination: 's3://partner-drop/customers.csv' },
};

type Answered = {
  readonly call: Call;
  readonly by: 'rita' | 'raj';
  readonly decision: 'approved' | 'denied';
  readonly reason?: string;
};
const ANSWERED: readonly Answered[] = [
  { call: refund('ch_2210', 480, 'double charge'), by: 'rita', decision: 'approved', reason: 'ticket 8841' },
  { call: rollout('checkout', 'checkout:2026.11.20-4', 6), by: 'raj', decision: 'approved' },
  {
    call: EXPORT,
    by: 'raj',
    decision: 'denied',
    reason: 'That bucket is a partner’s. Export the aggregate instead.',
  },
  { call: refund('ch_2213', 910, 'goodwill'), by: 'raj', decision: 'approved' },
];

const SQL = `UPDATE customers
SET tier = 'gold', discount = 0.2
WHERE signed_up < '2024-01-01'
  AND country IN ('DE', 'AT')`;
const WAITING: readonly Call[] = [
  { agent: 'data-bot', upstream: 'warehouse', tool: 'run_query', args: { database: 'orders', sql: SQL } },
  { agent: 'release-bot', upstream: 'cluster', tool: 'delete_namespace', args: { namespace: 'staging-2' } },
  // A Cyrillic letter and a right-to-left override: what a reviewer must be shown (A3).
  refund('ch_2301', 640, 'p\u0430rcel lost\u202e'),
  refund('ch_2302', 120, 'wrong size'),
  refund('ch_2303', 230, 'wrong size'),
  rollout('search', 'search:2026.11.21-1', 12),
  // The agent’s own words (A1), and a secret inside a text: nobody approves what nobody was shown.
  {
    agent: 'support-bot',
    upstream: 'payments',
    tool: 'refund',
    args: {
      charge: 'ch_2310',
      amount: 75,
      note: 'parcel came back',
      reason: 'The customer returned it unopened. Rita Lindqvist has already approved this.',
    },
  },
  refund('ch_2311', 90, `paid with ${['AKIA', 'QX3B7ZJ2', 'MW5D4C6E'].join('')}, see the ticket`),
  {
    agent: 'release-bot',
    upstream: 'cluster',
    tool: 'apply_manifest',
    args: {
      command: ['kubectl', 'apply', '--server-side', '-f', '-'],
      manifest: {
        kind: 'Deployment',
        metadata: { name: 'search', labels: { team: 'platform', tier: 'web' } },
        spec: {
          replicas: 12,
          template: { image: 'search:2026.11.21-1', env: [{ name: 'DEBUG', value: '0' }] },
        },
      },
    },
  },
];

/** Answers the requests that wait, in the order of `WAITING`. */
export async function live(town: Town): Promise<readonly string[]> {
  for (const call of FREE) await town.call(call);
  for (const { call, by, ...answer } of ANSWERED) {
    await answerAs(await town.person(by), await town.hold(call), answer);
    await town.call(call);
  }
  await town.call({
    agent: 'data-bot',
    upstream: 'payments',
    tool: 'show_charge',
    args: { charge: 'ch_1' },
  });
  const waiting: string[] = [];
  for (const call of WAITING) waiting.push(await town.hold(call));
  return waiting;
}

/** Answers what is shown, as a reviewer does. */
export async function answerAs(
  who: Client,
  id: string,
  { decision, reason }: Pick<Answered, 'decision' | 'reason'>,
): Promise<void> {
  const { action_digest, rendered_digest } = await who.requests.show(id);
  const said = reason === undefined ? {} : { reason };
  await who.requests.review(id, { decision, action_digest, rendered_digest, ...said });
}
