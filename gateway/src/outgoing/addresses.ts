/**
 * Which addresses a request may leave for when somebody else named the place (A26). Whatever is not certainly a public
 * address is refused: a list of what is public is short, and a new special range is then refused before anyone lists it.
 * Pure; nothing is looked up here.
 */
import { BlockList, isIP } from 'node:net';
import { readNetwork } from '../limits/proxies.ts';

export type Judgement = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Says of an address, as a resolver or a URL gives it, whether a request may go there; `secure`: over TLS. */
export type Judge = (address: string, secure: boolean) => Judgement;

const PRIVATE = 'a private address';
/** IPv4 that is not public (IANA special-purpose registry), each with what to call it. */
const SPECIAL_V4: readonly (readonly [network: string, prefix: number, what: string])[] = [
  ['0.0.0.0', 8, 'an address of this host'],
  ['10.0.0.0', 8, PRIVATE],
  ['100.64.0.0', 10, 'a carrier’s shared address'],
  ['127.0.0.0', 8, 'a loopback address'],
  ['169.254.0.0', 16, 'a link-local address'],
  ['172.16.0.0', 12, PRIVATE],
  ['192.0.0.0', 24, 'a reserved address'],
  ['192.0.2.0', 24, 'a documentation address'],
  ['192.88.99.0', 24, 'a relay address'],
  ['192.168.0.0', 16, PRIVATE],
  ['198.18.0.0', 15, 'a benchmarking address'],
  ['198.51.100.0', 24, 'a documentation address'],
  ['203.0.113.0', 24, 'a documentation address'],
  ['224.0.0.0', 4, 'a multicast address'],
  ['240.0.0.0', 4, 'a reserved address'],
];

/** Inside 2000::/3, and yet not public. Outside of it nothing is. */
const SPECIAL_V6: readonly (readonly [network: string, prefix: number, what: string])[] = [
  ['2001::', 23, 'a reserved or tunnelling address'],
  ['2001:db8::', 32, 'a documentation address'],
  ['2002::', 16, 'a 6to4 address'],
  ['3fff::', 20, 'a documentation address'],
];

/** Where clouds hand out credentials to whoever asks from inside. Never reached, whatever is allowed. */
const METADATA: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
]);
const METADATA_V6 = blockOf([
  ['fd00:ec2::254', 128],
  ['fd00:ec2::23', 128],
  ['fd20:ce::254', 128],
]);

const GLOBAL_V6 = blockOf([['2000::', 3]]);
const V4 = SPECIAL_V4.map(([network, prefix, what]) => ({ block: blockOf([[network, prefix]]), what }));
const V6 = SPECIAL_V6.map(([network, prefix, what]) => ({ block: blockOf([[network, prefix]]), what }));
const NAT64 = blockOf([['64:ff9b::', 96]]);

/** @param allow_networks private addresses and networks that may be reached all the same, as configured */
export function judgeFor(allow_networks: readonly string[]): Judge {
  const allowed = new BlockList();
  for (const text of allow_networks) {
    const network = readNetwork(text);
    if (network === undefined) throw new TypeError(`${text} is no address and no network`);
    allowed.addSubnet(network.address, network.prefix, network.family);
  }
  return (text, secure) => {
    const address = embedded(text);
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (isIP(address) === 0 || address.includes('%')) return { ok: false, why: 'no address' };
    if (family === 'ipv4' ? METADATA.has(address) : METADATA_V6.check(address, family))
      return { ok: false, why: 'a cloud’s metadata address' };
    if (allowed.check(address, family)) return { ok: true };
    const why = family === 'ipv4' ? specialV4(address) : specialV6(address);
    if (why !== undefined) return { ok: false, why };
    return secure ? { ok: true } : { ok: false, why: 'a public address, which takes https' };
  };
}

const specialV4 = (address: string): string | undefined =>
  V4.find(({ block }) => block.check(address, 'ipv4'))?.what;

function specialV6(address: string): string | undefined {
  if (!GLOBAL_V6.check(address, 'ipv6')) return 'not a public address';
  return V6.find(({ block }) => block.check(address, 'ipv6'))?.what;
}

/** The IPv4 address inside an IPv6 one that leads to it: mapped (::ffff:a.b.c.d) or behind a translator (64:ff9b::/96). */
function embedded(text: string): string {
  if (isIP(text) !== 6 || text.includes('%')) return text;
  // The URL parser writes an IPv6 address in one way: at most two groups hold the embedded one.
  const plain = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1) ?? text;
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(plain);
  if (mapped !== null) return dotted(mapped[1] ?? '', mapped[2] ?? '');
  if (!NAT64.check(plain, 'ipv6')) return plain;
  const tail = plain
    .replace(/^64:ff9b:/, '')
    .split(':')
    .filter((group) => group !== '');
  const [high = '0', low = '0'] = plain.endsWith('::')
    ? []
    : tail.length === 1
      ? ['0', tail[0]]
      : tail.slice(-2);
  return dotted(high, low);
}

function dotted(high: string, low: string): string {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

function blockOf(networks: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks)
    list.addSubnet(address, prefix, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  return list;
}
