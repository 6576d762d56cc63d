/** A request as it is drawn for somebody: a moment is given to what it would change, when that is being looked at. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, RequestDetail } from '@countersign/sdk';

const LOOK_MS = 150;
/** As long as a preview takes where nobody said otherwise. */
const PATIENCE_MS = 3_000;

export async function showLooked(client: Client, id: string): Promise<RequestDetail> {
  const deadline = Date.now() + PATIENCE_MS;
  let detail = await client.requests.show(id);
  while (detail.preview?.state === 'making' && Date.now() < deadline) {
    await sleep(LOOK_MS);
    detail = await client.requests.show(id);
  }
  return detail;
}
