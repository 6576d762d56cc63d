/**
 * A receiver of webhooks as they are written out there: the Standard Webhooks project's own library checks the signature,
 * an id is taken once. It can be told to fail, to be silent, or to be gone.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export type CloudEvent = {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: string;
  readonly data: { readonly [name: string]: unknown };
};

export type Got = {
  readonly id: string;
  readonly type: string;
  readonly event: CloudEvent;
  /** Which of the receiver's secrets the signature was good for. */
  readonly good_for: readonly string[];
  readonly body: string;
};

export type Receiver = {
  readonly url: string;
  /** Every notice that came, in order, whatever was answered. */
  readonly got: Got[];
  /** Notices taken (2xx), each id once. */
  readonly taken: Got[];
  /** What it answers to the next notices: a status, or `silent`, or by notice. */
  answer:
    | number
    | 'silent'
    | ((got: Got) => number | 'silent' | { status: number; headers: Record<string, string> });
  close(): Promise<void>;
};

/** @param clock what time it is there: the library takes no other than its own machine’s, so that is set for as long as it looks */
export async function startReceiver(
  secrets: readonly string[],
  clock: () => number = Date.now,
): Promise<Receiver> {
  const got: Got[] = [];
  const taken: Got[] = [];
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const headers = request.headers as Record<string, string>;
      const good_for = secrets.filter((secret) => verifies(new Webhook(secret), { body, headers, clock }));
      const one: Got = {
        id: headers['webhook-id'] ?? '',
        type: headers['content-type'] ?? '',
        event: JSON.parse(body) as CloudEvent,
        good_for,
        body,
      };
      got.push(one);
      const answer = typeof receiver.answer === 'function' ? receiver.answer(one) : receiver.answer;
      if (answer === 'silent') return;
      const { status, headers: more } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
      const said = good_for.length === 0 ? 401 : status;
      if (said < 300 && !taken.some(({ id, event }) => id === one.id && event.type === one.event.type))
        taken.push(one);
      response.writeHead(said, more).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=path-secret`,
    got,
    taken,
    answer: 204,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return receiver;
}

type Shown = {
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly clock: () => number;
};

function verifies(webhook: Webhook, { body, headers, clock }: Shown): boolean {
  const [system, at] = [Date.now, clock()];
  Date.now = () => at;
  try {
    webhook.verify(body, headers);
    return true;
  } catch {
    return false; // not signed with this one, or too old: the library says which, nobody needs it here
  } finally {
    Date.now = system;
  }
}
