/** What listening address and public URL say together. The gateway itself speaks plain HTTP: TLS ends in front of it. */
import type { Config } from './config.ts';

/** Names and addresses that never leave this machine. */
export const isLoopback = (hostname: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(hostname.toLowerCase());

type Addresses = Pick<Config, 'public_url'> & { readonly listen: Pick<Config['listen'], 'http'> };

/** What works and is probably not meant: a sentence each, with the fix. `port` is the one taken, where it is known. */
export function addressWarnings(
  { listen, public_url }: Addresses,
  port = portOf(listen.http),
): readonly string[] {
  const links = new URL(public_url);
  return [...inClear(listen.http, links), ...otherPort(port, links)];
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

function inClear(address: string, links: URL): readonly string[] {
  if (links.protocol === 'https:') return [];
  const risk = 'agents’ keys and people’s sign-ins cross the network in clear';
  const fix = 'put TLS in front and set public_url to its https URL';
  if (!isLoopback(address.slice(0, address.lastIndexOf(':'))))
    return [
      `listen.http: ${address} is open to other machines, and public_url is plain http: ${risk}; ${fix}, or listen on 127.0.0.1:${portOf(address)}`,
    ];
  if (isLoopback(links.hostname)) return [];
  return [`public_url: ${links.origin} is plain http beyond this machine: ${risk}; ${fix}`];
}

/** A port changed in one place and not the other: every link the gateway writes would lead nowhere. */
function otherPort(port: number, links: URL): readonly string[] {
  const named = Number(links.port === '' ? (links.protocol === 'https:' ? 443 : 80) : links.port);
  if (!isLoopback(links.hostname) || port === 0 || named === port) return [];
  return [
    `public_url: it names port ${named}, and the gateway listens on ${port}; links and agents’ addresses lead to ${named}, so give both the same port`,
  ];
}
