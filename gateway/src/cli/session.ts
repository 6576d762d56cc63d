/**
 * A client for the gateway a verb talks to, signed in as the person at the keyboard. The gateway is `--url`, else
 * COUNTERSIGN_URL, else the one last signed in to, else this machine's; the token COUNTERSIGN_TOKEN, else the stored
 * sign-in of that very gateway. A token never travels in clear over a network.
 */
import { type Client, createClient } from '@countersign/sdk';
import { isLoopback } from '../config/address.ts';
import { NotSignedInError, readCredentials } from './login/credentials.ts';
import { COMMAND, type Io, UsageError } from './verb.ts';

export const DEFAULT_URL = 'http://localhost:7070';

export type Session = { readonly client: Client; readonly url: string };

/** @throws NotSignedInError, UsageError */
export async function openSession(
  io: Pick<Io, 'env'>,
  { url }: { readonly url?: string | undefined } = {},
): Promise<Session> {
  const stored = await readCredentials(io);
  const named = url ?? set(io.env['COUNTERSIGN_URL']);
  const origin = gatewayUrl(named ?? stored.current ?? DEFAULT_URL, io);
  const token = set(io.env['COUNTERSIGN_TOKEN']) ?? stored.gateways[origin]?.token;
  if (token === undefined)
    throw new NotSignedInError(
      `Not signed in to ${origin}. Run: ${COMMAND} login --link-file FILE, with a link an operator makes (reviewers link NAME), or login --browser, with your provider.`,
    );
  return { client: createClient({ url: origin, token, user_agent: 'countersign-cli' }), url: origin };
}

export async function openClient(
  io: Pick<Io, 'env'>,
  options: { readonly url?: string | undefined } = {},
): Promise<Client> {
  return (await openSession(io, options)).client;
}

/** The gateway's origin, by which sign-ins are kept. */
export function gatewayUrl(text: string, { env }: Pick<Io, 'env'>): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`${text}: the gateway’s URL looks like https://gate.example.com`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && env['COUNTERSIGN_ALLOW_HTTP'] !== '1')
    throw new UsageError(
      `${url.origin}: over http anybody on the way could read your token; use https (or set COUNTERSIGN_ALLOW_HTTP=1)`,
    );
  return url.origin;
}

const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
