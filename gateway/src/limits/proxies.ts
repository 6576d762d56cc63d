/**
 * Who is calling, where proxies stand in front: the address the last proxy that is trusted says it heard from. What a
 * caller writes into these headers themselves stands further left, and is never reached. Whatever cannot be read, or
 * is said in two ways that do not agree, is not believed: then the caller is the nearest address that is certain (A21).
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

export type Headers = { get(name: string): string | null };

export type ProxyTrust = {
  /** `socket`: the address the connection came from. */
  callerOf(socket: string, headers: Headers): string;
};

/** Hops looked at, from the right: more proxies than stand in front of anything (I15). */
const HOPS_MAX = 32;

/** @throws TypeError for a network that is none: whoever read the configuration did not look */
export function trustOf(networks: readonly string[]): ProxyTrust {
  if (networks.length === 0) return { callerOf: (socket) => plain(socket) };
  const trusted = new BlockList();
  for (const text of networks) {
    const network = readNetwork(text);
    if (network === undefined) throw new TypeError(`${text} is no address and no network`);
    trusted.addSubnet(network.address, network.prefix, network.family);
  }
  const isTrusted = (address: string): boolean => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  return {
    callerOf(socket, headers) {
      const nearest = plain(socket);
      if (isIP(nearest) === 0 || !isTrusted(nearest)) return nearest;
      const said = [hopsOfList(headers.get('x-forwarded-for')), hopsOfForwarded(headers.get('forwarded'))]
        .filter((hops) => hops !== undefined)
        .map((hops) => walk(nearest, hops, isTrusted));
      const [first = nearest] = said;
      // A proxy that writes one header passes on what a caller put into the other.
      return said.every((each) => each === first) ? first : nearest;
    },
  };
}

/** Rightmost first: as long as the one who says it is trusted, it is believed. */
function walk(
  nearest: string,
  hops: readonly (string | undefined)[],
  isTrusted: (address: string) => boolean,
): string {
  let at = nearest;
  for (const hop of hops.slice(-HOPS_MAX).reverse()) {
    if (hop === undefined || !isTrusted(at)) return at;
    at = hop;
  }
  return at;
}

export type Network = {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
};

/** An address, or a network as ADDRESS/BITS. Nobody means everybody: at least the first bit must say something. */
export function readNetwork(text: string): Network | undefined {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || more.length > 0) return undefined;
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && !/^[1-9]\d{0,2}$/.test(bits)) return undefined;
  const prefix = bits === undefined ? most : Number(bits);
  return prefix > most ? undefined : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** An IPv4 address that came over an IPv6 socket is an IPv4 address. */
const plain = (address: string): string =>
  /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;

/** `X-Forwarded-For`: addresses with commas between, a port perhaps. Undefined: the header is not there. */
const hopsOfList = (header: string | null): readonly (string | undefined)[] | undefined =>
  header === null ? undefined : header.split(',').map((hop) => addressOf(hop.trim()));

/** Undefined for what is no address: a name, `unknown`, nothing. */
function addressOf(text: string): string | undefined {
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text) ?? [];
  const bare = bracketed ?? (isIP(text) === 0 ? text.replace(/:\d{1,5}$/, '') : text);
  const known = isIP(bare) !== 0 && !bare.includes('%') && (bracketed === undefined || bare.includes(':'));
  return known ? plain(bare) : undefined;
}

/** RFC 7239 4: pairs with semicolons between, elements with commas; a value is a token or a quoted string. */
const PAIR = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[^"\\]|\\.)*)")$/;

function hopsOfForwarded(header: string | null): readonly (string | undefined)[] | undefined {
  return header === null
    ? undefined
    : splitOutsideQuotes(header, ',').map((element) => forOf(element.trim()));
}

function forOf(element: string): string | undefined {
  let found: string | undefined;
  for (const pair of splitOutsideQuotes(element, ';')) {
    const [, name = '', token, quoted] = PAIR.exec(pair.trim()) ?? [];
    if (name === '') return undefined;
    if (name.toLowerCase() !== 'for') continue;
    if (found !== undefined) return undefined;
    found = token ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1');
  }
  return found === undefined ? undefined : addressOf(found);
}

/** One pass. A quote that does not end makes the rest one part, which no pattern takes. */
function splitOutsideQuotes(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at];
    if (quoted && c === '\\') at += 1;
    else if (c === '"') quoted = !quoted;
    else if (c === separator && !quoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
