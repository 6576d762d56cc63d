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

/**
 * Where clouds hand out credentials to whoever asks from inside. Never reached, whatever is allowed: AWS, Azure, Google,
 * Oracle, Alibaba, Tencent, Scaleway. Most are link-local, and of that nothing at all is ever reached.
 */
const METADATA = blockOf([
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['fd20:ce::254', 128],
  ['fd00:c1::a9fe:a9fe', 128],
  ['fd00:42::42', 128],
]);

const GLOBAL_V6 = blockOf([['2000::', 3]]);
const V4 = SPECIAL_V4.map(([network, prefix, what]) => ({ block: blockOf([[network, prefix]]), what }));
const V6 = SPECIAL_V6.map(([network, prefix, what]) => ({ block: blockOf([[network, prefix]]), what }));

/** @param allow_networks private addresses and networks that may be reached all the same, as configured */
export function judgeFor(allow_networks: readonly string[]): Judge {
  const allowed = new BlockList();
  for (const text of allow_networks) {
    const network = readNetwork(text);
    if (network === undefined) throw new TypeError(`${text} is no address and no network`);
    allowed.addSubnet(network.address, network.prefix, network.family);
  }
  return (text, secure) => {
    if (isIP(text) === 0 || text.includes('%')) return { ok: false, why: 'no address' };
    const groups = isIP(text) === 6 ? groupsOf(text) : undefined;
    const carried = groups === undefined ? [] : carriedBy(groups);
    if ([text, ...carried].some((each) => METADATA.check(each, familyOf(each))))
      return { ok: false, why: METADATA_WHY };
    const address = (groups && sameAs(groups)) ?? text;
    const family = familyOf(address);
    if (allowed.check(address, family)) return { ok: true };
    const why = family === 'ipv4' ? specialV4(address) : (specialV6(address) ?? leadsInside(carried));
    if (why !== undefined) return { ok: false, why };
    return secure ? { ok: true } : { ok: false, why: 'a public address, which takes https' };
  };
}

const METADATA_WHY = 'a link-local address or a cloud’s metadata address, which is never reached';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

const specialV4 = (address: string): string | undefined =>
  V4.find(({ block }) => block.check(address, 'ipv4'))?.what;

function specialV6(address: string): string | undefined {
  if (!GLOBAL_V6.check(address, 'ipv6')) return 'not a public address';
  return V6.find(({ block }) => block.check(address, 'ipv6'))?.what;
}

type Groups = readonly number[];

/** The eight groups of an IPv6 address. The URL parser writes one in one way, an IPv4 tail as two groups. */
function groupsOf(text: string): Groups {
  const plain = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1) ?? '';
  const [head = '', tail] = plain.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [first, last] = [read(head), read(tail ?? '')];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

const begins = (groups: Groups, prefix: Groups): boolean => prefix.every((group, at) => groups[at] === group);

/** The IPv4 address it is another spelling of, or leads to by the one translator everybody has: mapped, 64:ff9b::/96. */
function sameAs(groups: Groups): string | undefined {
  const isOne = begins(groups, [0, 0, 0, 0, 0, 0xffff]) || begins(groups, [0x64, 0xff9b, 0, 0, 0, 0]);
  return isOne ? dotted(groups.slice(6)) : undefined;
}

/**
 * Every IPv4 address it may lead to where a network has a translator or a tunnel: after a run of zeros (mapped, compatible,
 * NAT64 under whatever prefix), behind ISATAP’s mark, after 2002: (6to4), in a local NAT64 prefix of any length (RFC 6052),
 * and in Teredo the server’s and, written upside down, the client’s.
 */
function carriedBy(groups: Groups): readonly string[] {
  const bytes = groups.flatMap((group) => [group >> 8, group & 255]);
  const four = (...at: readonly number[]): string => at.map((each) => bytes[each] ?? 0).join('.');
  const found: string[] = [];
  const [before, mark] = [groups[4] ?? 0, groups[5] ?? 0];
  if ((before === 0 && (mark === 0 || mark === 0xffff)) || ((before & ~0x200) === 0 && mark === 0x5efe))
    found.push(four(12, 13, 14, 15));
  if (begins(groups, [0x2002])) found.push(four(2, 3, 4, 5));
  if (begins(groups, [0x64, 0xff9b, 1]))
    found.push(four(6, 7, 9, 10), four(7, 9, 10, 11), four(9, 10, 11, 12), four(12, 13, 14, 15));
  if (begins(groups, [0x2001, 0]))
    found.push(four(4, 5, 6, 7), dotted(groups.slice(6).map((group) => group ^ 0xffff)));
  return found;
}

/** A public prefix may be a network’s own translator. What begins with 0 is no address of anybody, but what many hosts end in. */
function leadsInside(carried: readonly string[]): string | undefined {
  for (const address of carried) {
    const why = address.startsWith('0.') ? undefined : specialV4(address);
    if (why !== undefined) return `one that may lead to ${address}, ${why}`;
  }
  return undefined;
}

const dotted = (two: Groups): string => two.flatMap((group) => [group >> 8, group & 255]).join('.');

function blockOf(networks: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks)
    list.addSubnet(address, prefix, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  return list;
}
