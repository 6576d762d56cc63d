/** One kind of resource: listed, made, read, written, patched and deleted (RFC 7644 §3), each answered in its form. */
import { refused, ScimFailure } from '../../identity/scim/failure.ts';
import type { Kind, Named } from '../../identity/scim/provisioning.ts';
import { answer, listAnswer } from './answers.ts';
import { RESULTS_MAX } from './discovery.ts';
import { checkFilter, matches, parseFilter } from './filter.ts';
import { onlyAdds, patched, readPatch } from './patch.ts';
import { type Resource, type Selection, shown, versionTag } from './resources.ts';
import { type Kept, readResource } from './shape.ts';

type Asked = {
  readonly provider: string;
  readonly request: Request;
  readonly url: URL;
  body(): Promise<Parameters<typeof readPatch>[0]>;
};
export type Endpoint = {
  all(asked: Asked): Promise<Response>;
  one(asked: Asked, id: string): Promise<Response>;
};

/** Groups with thousands of members make a page short: `itemsPerPage` says how short. */
const PAGE_WEIGHT_MAX = 20_000;
const ATTRIBUTES_MAX = 64;

type HeldBase = {
  readonly id: string;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
};

export function createEndpoint<H extends HeldBase, W>(
  resource: Resource<H, W>,
  kind: Kind<H, W>,
  base: string,
): Endpoint {
  const one = (held: H, { url }: Asked, status = 200): Response => {
    const body = shown(resource, held, { base, selection: selectionOf(url) });
    const location = `${base}/${resource.endpoint}/${held.id}`;
    return answer(status, body, { etag: versionTag(held), ...(status === 201 ? { location } : {}) });
  };
  const list = ({ provider, url }: Asked): Response => {
    const filter = url.searchParams.get('filter');
    const wanted = filter === null ? undefined : checkFilter(parseFilter(filter), resource.known);
    const found = kind
      .list(provider)
      .filter((held) => wanted === undefined || matches(wanted, resource.searchable(held)));
    const start = Math.max(1, wholeNumber(url, 'startIndex') ?? 1);
    const count = Math.min(RESULTS_MAX, Math.max(0, wholeNumber(url, 'count') ?? RESULTS_MAX));
    const selection = selectionOf(url);
    const page = bounded(resource, found.slice(start - 1, start - 1 + count), selection);
    return listAnswer({
      resources: page.map((held) => shown(resource, held, { base, selection })),
      total: found.length,
      start,
    });
  };
  const read = (asked: Asked, id: string): Response => {
    const held = kind.get(asked.provider, id);
    const known = asked.request.headers.get('if-none-match');
    if (known !== null && tagsOf(known).includes(bare(versionTag(held))))
      return new Response(null, { status: 304, headers: { etag: versionTag(held) } });
    return one(held, asked);
  };
  const write = async (asked: Asked, named: Named): Promise<Response> => {
    const kept = readResource(resource.shape, await asked.body());
    // What is not written is cleared, but for what nobody means to take away so: providers leave these out (RFC 7644 §3.5.1).
    const change = {
      ...named,
      write: (before: H) => resource.writtenOf({ ...stays(resource.keptOf(before)), ...kept }),
      hurried: true,
    };
    return one(await kind.change(asked.provider, change), asked);
  };
  const patch = async (asked: Asked, named: Named): Promise<Response> => {
    const operations = readPatch(await asked.body());
    const held = await kind.change(asked.provider, {
      ...named,
      write: (before) => resource.writtenOf(patched(resource.shape, resource.keptOf(before), operations)),
      hurried: !onlyAdds(operations),
    });
    // A group is not sent back whole for each of its members that is pushed (RFC 7644 §3.5.2 allows both).
    if (resource.type === 'Group' && !asked.url.searchParams.has('attributes'))
      return new Response(null, { status: 204, headers: { etag: versionTag(held) } });
    return one(held, asked);
  };
  const remove = async (asked: Asked, named: Named): Promise<Response> => {
    await kind.delete(asked.provider, named);
    return new Response(null, { status: 204 });
  };
  return {
    async all(asked) {
      if (asked.request.method === 'GET') return list(asked);
      if (asked.request.method !== 'POST') throw notThatMethod('GET, POST');
      const kept = readResource(resource.shape, await asked.body());
      return one(await kind.create(asked.provider, resource.writtenOf(kept)), asked, 201);
    },
    async one(asked, id) {
      const { method } = asked.request;
      if (method === 'GET') return read(asked, id);
      const change = { PUT: write, PATCH: patch, DELETE: remove }[method];
      if (change === undefined) throw notThatMethod('GET, PUT, PATCH, DELETE');
      return change(asked, { id, if_version: ifMatch(asked.request) });
    },
  };
}

const STAYS: readonly string[] = ['externalId', 'active'];
const stays = (kept: Kept): Kept =>
  Object.fromEntries(Object.entries(kept).filter(([name]) => STAYS.includes(name)));

export const notThatMethod = (allowed: string): ScimFailure =>
  new ScimFailure(405, `allowed here: ${allowed}`, { headers: { allow: allowed } });

/** As much as a page may hold, and one at least. */
function bounded<H extends HeldBase, W>(
  resource: Resource<H, W>,
  found: readonly H[],
  { attributes, excluded }: Selection,
): readonly H[] {
  const whole = attributes.length === 0 && !excluded.includes('members');
  if (!whole && !attributes.some((name) => name.startsWith('members'))) return found;
  let weight = 0;
  const end = found.findIndex((held) => {
    weight += resource.weight(held);
    return weight > PAGE_WEIGHT_MAX;
  });
  return end === -1 ? found : found.slice(0, Math.max(1, end));
}

function wholeNumber(url: URL, name: string): number | undefined {
  const text = url.searchParams.get(name);
  if (text === null) return undefined;
  if (!/^-?\d{1,9}$/.test(text)) throw refused('invalidValue', `${name}: must be a whole number`);
  return Number(text);
}

function selectionOf(url: URL): Selection {
  const names = (name: string): readonly string[] => {
    const list = (url.searchParams.get(name) ?? '').split(',').map((each) => each.trim().toLowerCase());
    if (list.length > ATTRIBUTES_MAX) throw refused('tooMany', `${name}: at most ${ATTRIBUTES_MAX}`);
    return list.filter(Boolean).map((each) => each.replace(/^urn:.*:/, ''));
  };
  return { attributes: names('attributes'), excluded: names('excludedAttributes') };
}

/** Without `W/`: both sides compare weakly, as there is one form of a resource. */
const bare = (tag: string): string => tag.trim().replace(/^W\//i, '');
const tagsOf = (header: string): readonly string[] => header.split(',').map(bare);

/** `*` asks only that it exists, which every change asks anyway. */
function ifMatch(request: Request): number | undefined {
  const header = request.headers.get('if-match');
  if (header === null || header.trim() === '*') return undefined;
  const [, version] = /^"(\d{1,15})"$/.exec(bare(header)) ?? [];
  // A tag that is none of ours matches no version there ever was.
  return version === undefined ? 0 : Number(version);
}
