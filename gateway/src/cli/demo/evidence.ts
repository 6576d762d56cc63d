/** What the log proves of the demo, checked as a stranger would: from the published log, its key and the signer's alone. */
import { escapeTerminal, parseVerifierKey, verifyReceipt } from '@countersign/core';
import type { Client } from '@countersign/sdk';
import { everyItem, ProblemError } from '@countersign/sdk';
import { readEntryKeys } from '../../audit/log/entry-keys.ts';
import type { LogReport } from '../../audit/verify/report.ts';
import { openLogSource } from '../../audit/verify/source.ts';
import { verifyLog } from '../../audit/verify/verify.ts';
import type { Checks, Signer } from './scene.ts';
import type { Say } from './story.ts';

export type Evidence = {
  readonly report: LogReport;
  /** One for each approved action, in order. */
  readonly ran: readonly Ran[];
};

type Ran = {
  /** Executions begun on the approval of the request. */
  readonly runs: number;
  /** Who approved it, and through what, as the log says: `robin (slack)`. */
  readonly approved_by: readonly string[];
  readonly receipt:
    | { readonly event_id: string; readonly index: number; readonly established: readonly string[] }
    | { readonly failed: string };
};

export type Gathering = {
  readonly client: Client;
  readonly url: string;
  readonly vkey: string;
  /** Requests that were approved. */
  readonly approved: readonly string[];
  /** Known from elsewhere than the log: of this person, no other key counts. */
  readonly signer: Signer | undefined;
};

/** The receipts first: they wait until the log is published up to there. */
export async function gatherEvidence({ signer, approved, ...gathering }: Gathering): Promise<Evidence> {
  const ran: Ran[] = [];
  for (const request_id of approved) ran.push(await runsOf(gathering, request_id));
  const { url, vkey } = gathering;
  const source = openLogSource(`${url}/log`);
  const pins = signer === undefined ? [] : [[signer.person, new Set(signer.key_digests)] as const];
  return { ran, report: await verifyLog({ source, vkey, reviewer_keys: new Map(pins) }) };
}

export function tellEvidence(say: Say, { report, ran }: Evidence): void {
  say.step(5, 'What can be proven, from the published log and public keys alone');
  for (const each of report.established) say.mark('proven', each);
  for (const each of report.not_established) say.dim(`not established: ${each}`);
  for (const { problem, detail } of report.findings) say.mark('broken', `${problem}: ${detail}`);
  if (ran.length === 0) say.line('   Nothing was approved, so nothing ran.');
  for (const { runs, receipt, approved_by } of ran) {
    const times = runs === 1 ? 'once' : `${runs} times`;
    if ('failed' in receipt)
      say.mark('broken', `an approved action ran ${times}; its receipt: ${receipt.failed}`);
    else
      say.mark(
        'proven',
        `An approved action ran ${times}: the receipt of entry ${receipt.index} verifies. Approved by ${approved_by.map(escapeTerminal).join(', ')}.`,
      );
  }
}

/** What must hold after a run by script: both actions approved, one of them signed. */
export function checksOf({ report, ran }: Evidence, signer: Signer | undefined): Checks {
  const { verified, keys } = report.signed_reviews;
  const [key] = keys;
  const isHers =
    key?.person === signer?.person && signer?.key_digests.includes(key?.key_digest ?? '') === true;
  return [
    ['both approved actions ran, each exactly once', ran.length === 2 && ran.every(({ runs }) => runs === 1)],
    ['the log verifies', report.ok],
    ['her signature verifies from the log, by her own key', verified === 1 && keys.length === 1 && isHers],
    ['both receipts verify', ran.length === 2 && ran.every(({ receipt }) => !('failed' in receipt))],
  ];
}

type Asking = Pick<Gathering, 'client' | 'url' | 'vkey'>;

async function runsOf(asking: Asking, request: string): Promise<Ran> {
  const { client } = asking;
  const started = (await entriesOf(client, request, 'execution')).filter(
    ({ said }) => said['phase'] === 'started',
  );
  const approved_by = (await entriesOf(client, request, 'review')).flatMap(({ said }) =>
    said['decision'] === 'approved' && said['counted'] === true
      ? [`${String(said['reviewer'])} (${String(said['channel'])})`]
      : [],
  );
  const [first] = started;
  const receipt =
    first === undefined ? { failed: 'nothing ran' } : await checkReceipt(asking, first.event_id);
  return { runs: started.length, approved_by, receipt };
}

type Said = { readonly [name: string]: unknown };

/** What the log says of this request, oldest first. */
async function entriesOf(client: Client, request: string, kind: 'execution' | 'review') {
  const entries: { readonly event_id: string; readonly said: Said }[] = [];
  for await (const { event_id } of everyItem((paging) => client.log.lookUp({ request, kind, ...paging }))) {
    const { statement } = await client.log.entry(event_id);
    const said = statement['predicate'];
    if (typeof said === 'object' && said !== null) entries.push({ event_id, said: said as Said });
  }
  return entries;
}

async function checkReceipt({ client, url, vkey }: Asking, event_id: string): Promise<Ran['receipt']> {
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
