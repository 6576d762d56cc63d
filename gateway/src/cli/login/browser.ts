/**
 * Signing in through a browser on this machine (RFC 8252): the command line listens on loopback, the browser signs in
 * with a provider at the gateway and brings back a code that is of use to nobody who does not know the verifier, which
 * never leaves this process. Nothing is listened to longer than that takes.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@countersign/sdk';
import { openInBrowser } from '../setup/open.ts';
import { type Io, UsageError } from '../verb.ts';

export type BrowserCode = { readonly code: string; readonly verifier: string };

const WAIT_MS = 10 * 60_000;

/** @throws UsageError when the gateway has no provider, or nobody came back in time */
export async function codeFromBrowser(origin: string, io: Io, fresh: boolean): Promise<BrowserCode> {
  const { items } = await createClient({ url: origin, user_agent: 'countersign-cli' }).providers();
  if (items.length === 0)
    throw new UsageError(
      `${origin} has no provider to sign in with; ask an operator for a one-time link (countersign reviewers link NAME)`,
    );
  const [state, verifier] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const waiting = await waitForCode(state);
  const url = `${origin}/sign-in?cli=${challenge}.${waiting.port}.${state}${fresh ? '&fresh=1' : ''}`;
  io.stderr.write(`Sign in here, with a browser on this machine:\n\n  ${url}\n\n`);
  if (io.stdout.isTTY === true) openInBrowser(url);
  return { code: await waiting.code, verifier };
}

type Waiting = { readonly port: number; readonly code: Promise<string> };

async function waitForCode(state: string): Promise<Waiting> {
  const arrived = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    const code = codeIn(request, state);
    answer(response, code !== undefined);
    if (code !== undefined) arrived.resolve(code);
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const late = setTimeout(
    () => arrived.reject(new UsageError('nobody signed in within ten minutes; run: countersign login')),
    WAIT_MS,
  );
  const code = arrived.promise.finally(() => {
    clearTimeout(late);
    server.close();
    server.closeIdleConnections();
  });
  return { port: (server.address() as AddressInfo).port, code };
}

/** Only what carries the state this process made up: another page of the browser cannot hand it somebody else's code. */
function codeIn({ method, url = '/' }: IncomingMessage, state: string): string | undefined {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const [given, wanted] = [Buffer.from(searchParams.get('state') ?? ''), Buffer.from(state)];
  if (method !== 'GET' || pathname !== '/') return undefined;
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  return searchParams.get('code') ?? undefined;
}

function answer(response: ServerResponse, good: boolean): void {
  const text = good
    ? 'Signed in. Go back to the command line; this window can be closed.\n'
    : 'This is not what the command line waits for.\n';
  response
    .writeHead(good ? 200 : 404, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    .end(text);
}
