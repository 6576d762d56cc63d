/** A whole gateway with two operators, and a third person who only reviews: what it takes to change what decides. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { Client, RequestSummary } from '@countersign/sdk';
import { openLogSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../gateway/src/audit/verify/verify.ts';
import { until } from '../../gateway/testing/until.ts';
import { openYard, type Yard } from '../gateway/yard.ts';

export type Operated = {
  readonly yard: Yard;
  as(person: string): Promise<Client>;
  /** Open requests of operators’ own. */
  pending(): Promise<readonly RequestSummary[]>;
  /** The one there is, waited for. */
  onlyPending(): Promise<RequestSummary>;
  answer(
    person: string,
    id: string,
    decision?: 'approved' | 'denied',
  ): ReturnType<Client['requests']['review']>;
  /** The log verifies offline, with nothing found. */
  verifies(): Promise<void>;
};

const TWO = `  bob: { name: Bob, roles: [reviewer] }
  olga: { name: Olga, roles: [operator] }
  carl: { name: Carl, roles: [reviewer] }`;

/** Olga becomes the second operator while the gateway runs: from then on two are needed. */
export async function openOperated(): Promise<Operated> {
  const yard = await openYard();
  await yard.editConfig((text) => text.replace('  bob: { name: Bob, roles: [reviewer] }', TWO));
  const alice = await yard.house.signIn('alice');
  await until('two are needed', async () => (await alice.operators.show()).needed === 2);
  const clients = new Map<string, Promise<Client>>();
  const as = (person: string): Promise<Client> => {
    const known = clients.get(person) ?? yard.house.signIn(person);
    clients.set(person, known);
    return known;
  };
  const pending = async (): Promise<readonly RequestSummary[]> =>
    (await (await as('alice')).requests.list({ status: 'pending', upstream: 'countersign' })).items;
  return {
    yard,
    as,
    pending,
    async onlyPending() {
      await until('one request is open', async () => (await pending()).length === 1);
      const [only] = await pending();
      assert.ok(only);
      return only;
    },
    async answer(person, id, decision = 'approved') {
      const client = await as(person);
      const { action_digest, rendered_digest } = await client.requests.show(id);
      return client.requests.review(id, { decision, action_digest, rendered_digest });
    },
    async verifies() {
      await yard.house.gateway.flushLog();
      const { vkey, data_dir } = yard.house.gateway;
      const report = await verifyLog({ source: openLogSource(path.join(data_dir, 'log')), vkey });
      assert.deepEqual([report.ok, report.findings], [true, []]);
    },
  };
}
