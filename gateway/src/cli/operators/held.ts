/** A change other operators must agree to first: what is said of it, and waiting for what becomes of it. */
import { type Client, type HeldChange, pause, type RequestDetail } from '@countersign/sdk';
import { contained, writeJson } from '../output.ts';
import { span } from '../render/time.ts';
import { EXIT, type Io } from '../verb.ts';

const LOOK_AGAIN_MS = 1000;
/** Approved, it is made at once, or not at all. */
const MADE_WITHIN_LOOKS = 30;

export type Waiting = { readonly wait?: boolean | undefined; readonly json?: boolean | undefined };

/** Exit code 0 only when the change has been made. */
export async function settle(
  client: Client,
  held: HeldChange,
  { io, values: { wait, json } }: { readonly io: Io; readonly values: Waiting },
): Promise<number> {
  if (wait !== true) {
    if (json === true) writeJson(io, held);
    else io.stdout.write(heldText(held));
    return EXIT.no;
  }
  if (json !== true) io.stderr.write(heldText(held));
  const end = await ended(client, held.request_id);
  const made = end.executions.length > 0;
  if (json === true) writeJson(io, { ...held, status: made ? 'made' : end.status });
  else io.stdout.write(made ? 'Agreed, and made.\n' : `Not made: the request is ${end.status}.\n`);
  return made ? EXIT.ok : EXIT.no;
}

const heldText = ({ request_id, expires_at }: HeldChange): string =>
  `Not made yet: other people must agree to it within ${span(Math.max(0, expires_at - Date.now()))}. It is then made by itself.
They see it with: countersign requests show ${contained(request_id)}\n`;

async function ended(client: Client, id: string): Promise<RequestDetail> {
  for (let looks = 0; ; ) {
    const detail = await client.requests.show(id);
    if (detail.status === 'approved') looks += 1;
    const over = detail.status !== 'pending' && detail.status !== 'approved';
    if (over || detail.executions.length > 0 || looks > MADE_WITHIN_LOOKS) return detail;
    await pause(LOOK_AGAIN_MS);
  }
}
