/** What the log proves of the demo, checked as a stranger would: from the published log and its key alone. */
import { parseVerifierKey, verifyReceipt } from '@countersign/core';
import type { Client } from '@countersign/sdk';
import { ProblemError } from '@countersign/sdk';
import { readEntryKeys } from '../../audit/log/entry-keys.ts';
import type { LogReport } from '../../audit/verify/report.ts';
import { openLogSource } from '../../audit/verify/source.ts';
import { verifyLog } from '../../audit/verify/verify.ts';

export type Evidence = {
  readonly report: LogReport;
  /** Executions begun on the approval of the request. */
  readonly runs: number;
  readonly receipt:
    | { readonly event_id: string; readonly index: number; readonly established: readonly string[] }
    | { readonly failed: string };
};

export type Gathering = {
  readonly client: Client;
  readonly url: string;
  readonly vkey: string;
  readonly request_id: string;
};

export async function gatherEvidence({ client, url, vkey, request_id }: Gathering): Promise<Evidence> {
  const { items } = await client.log.lookUp({ request: request_id, kind: 'execution' });
  const entries = await Promise.all(items.map(({ event_id }) => client.log.entry(event_id)));
  const started = entries.filter(({ statement }) => phaseOf(statement) === 'started');
  const [first] = started;
  const receipt =
    first === undefined
      ? { failed: 'nothing ran' }
      : await checkReceipt({ client, url, vkey }, first.event_id);
  const report = await verifyLog({ source: openLogSource(`${url}/log`), vkey });
  return { report, runs: started.length, receipt };
}

function phaseOf(statement: { readonly [name: string]: unknown }): unknown {
  const predicate = statement['predicate'];
  return typeof predicate === 'object' && predicate !== null && 'phase' in predicate
    ? predicate.phase
    : undefined;
}

async function checkReceipt(
  { client, url, vkey }: Omit<Gathering, 'request_id'>,
  event_id: string,
): Promise<Evidence['receipt']> {
  const log = parseVerifierKey(vkey);
  const keys = await readEntryKeys(await (await fetch(`${url}/log/entry-keys`)).text(), log);
  if (keys.status !== 'verified') return { failed: `the list of entry keys is ${keys.status}` };
  const entryKeys = keys.keys.map((key) => new Uint8Array(key.export({ format: 'der', type: 'spki' })));
  const result = await verifyReceipt(await receiptOf(client, event_id), { log, origin: log.name, entryKeys });
  if (result.status === 'failed') return { failed: `${result.check}: ${result.reason}` };
  return { event_id, index: result.index, established: result.established };
}

const RECEIPT_TRIES = 50;

/** The receipt exists once a checkpoint covers the entry: within a second. */
async function receiptOf(client: Client, event_id: string) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await client.log.receipt(event_id);
    } catch (error) {
      if (!(error instanceof ProblemError) || tries >= RECEIPT_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
