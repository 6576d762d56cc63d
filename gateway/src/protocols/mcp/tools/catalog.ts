/**
 * What one opened upstream offers as tools, fetched before the first call and again when it may have changed: by its
 * own notice, by drift seen through any other session, or by age. A tool is callable only while what is listed now is
 * what an operator accepted (A9). It must never answer from a definition it did not just compare.
 */
import { isJsonObject, type JsonObject } from '@countersign/core';
import { type AcceptedPin, definitionOf, type Pins, pinOf, type SeenTool } from './pins.ts';

export const CATALOG_FRESH_MS = 60_000;
const PAGES_MAX = 50;
export const TOOLS_MAX = 5_000;

/** Fetches one page of `tools/list`; undefined when the upstream has no tools or gives no usable answer. */
export type FetchPage = (cursor: string | undefined) => Promise<JsonObject | undefined>;

export type Tool =
  | { readonly kind: 'accepted'; readonly name: string; readonly accepted: AcceptedPin }
  | { readonly kind: 'quarantined'; readonly name: string; readonly pin: string; readonly changed: boolean }
  /** Not listed by the upstream. */
  | { readonly kind: 'absent'; readonly name: string };

type Listing = {
  readonly at: number;
  readonly generation: number;
  /** The first page without its tools: capabilities of the list, `_meta`, unknown members. */
  readonly head: JsonObject;
  readonly tools: ReadonlyMap<string, { readonly pin: string; readonly listed: JsonObject }>;
};

/** Shared by every session of one upstream: drift one of them sees is everyone's. */
export class Generation {
  #now = 0;
  get now(): number {
    return this.#now;
  }
  raise(): void {
    this.#now += 1;
  }
}

/** Definitions by pin, so that thousands of sessions hold each only once. */
const interned = new Map<string, JsonObject>();
const INTERNED_MAX = 10_000;

function intern(pin: string, listed: JsonObject): JsonObject {
  const text = `${pin}\n${Object.keys(listed).length}`;
  const known = interned.get(text);
  if (known !== undefined && JSON.stringify(known) === JSON.stringify(listed)) return known;
  if (interned.size >= INTERNED_MAX) interned.clear();
  interned.set(text, listed);
  return listed;
}

export type CatalogOptions = {
  readonly upstream: string;
  readonly pins: Pins;
  readonly generation: Generation;
  readonly now: () => number;
};

export class Catalog {
  readonly #options: CatalogOptions;
  #listing: Listing | undefined;
  #fetching: Promise<Listing | undefined> | undefined;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** The upstream said its list changed. */
  invalidate(): void {
    this.#listing = undefined;
    this.#options.generation.raise();
  }

  /** Undefined when the list could not be had: nothing can be called then. */
  async find(name: string, fetch: FetchPage): Promise<Tool | undefined> {
    const listing = await this.#fresh(fetch);
    if (listing === undefined) return undefined;
    const found = listing.tools.get(name);
    if (found === undefined) return { kind: 'absent', name };
    const accepted = this.#options.pins.accepted(this.#options.upstream, name);
    if (accepted?.pin === found.pin) return { kind: 'accepted', name, accepted };
    return { kind: 'quarantined', name, pin: found.pin, changed: accepted !== undefined };
  }

  /** Whether a tool of that name is accepted, as far as is known without asking. */
  accepts(name: string): boolean {
    const accepted = this.#options.pins.accepted(this.#options.upstream, name);
    const listing = this.#listing;
    return accepted !== undefined && (listing === undefined || listing.tools.get(name)?.pin === accepted.pin);
  }

  /** The accepted tools, by name, fetched now. */
  async list(
    fetch: FetchPage,
  ): Promise<{ readonly head: JsonObject; readonly tools: readonly JsonObject[] } | undefined> {
    this.#listing = undefined;
    const listing = await this.#fresh(fetch);
    if (listing === undefined) return undefined;
    const { upstream, pins } = this.#options;
    const names = [...listing.tools.keys()].sort();
    const tools = names.flatMap((name) => {
      const found = listing.tools.get(name);
      return found !== undefined && pins.accepted(upstream, name)?.pin === found.pin ? [found.listed] : [];
    });
    return { head: listing.head, tools };
  }

  async #fresh(fetch: FetchPage): Promise<Listing | undefined> {
    const { generation, now } = this.#options;
    const known = this.#listing;
    if (known !== undefined && known.generation === generation.now && now() - known.at < CATALOG_FRESH_MS)
      return known;
    this.#fetching ??= this.#fetch(fetch).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetch(fetch: FetchPage): Promise<Listing | undefined> {
    const { upstream, pins, generation, now } = this.#options;
    const at = now();
    const asked = generation.now;
    const pages = await allPages(fetch);
    if (pages === undefined) return undefined;
    const { tools: _tools, nextCursor: _next, ...head } = pages[0] ?? {};
    const tools = new Map<string, { pin: string; listed: JsonObject }>();
    const seen: SeenTool[] = [];
    for (const listed of pages.flatMap(toolsOf)) {
      const name = listed['name'];
      if (typeof name !== 'string' || tools.size >= TOOLS_MAX) continue;
      const definition = definitionOf(listed);
      const pin = pinOf(definition);
      // A name listed twice is ambiguous: neither is what was accepted, unless they are the same.
      const twice = tools.get(name);
      tools.set(name, {
        pin: twice === undefined || twice.pin === pin ? pin : 'ambiguous',
        listed: intern(pin, listed),
      });
      if (pins.accepted(upstream, name)?.pin !== pin) seen.push({ tool: name, pin, definition });
    }
    const drifted = seen.some(({ tool }) => pins.accepted(upstream, tool) !== undefined);
    if (seen.length > 0) await pins.see(upstream, seen);
    // Other sessions may still trust what they listed before.
    if (drifted && this.#listing === undefined && asked === generation.now) generation.raise();
    this.#listing = { at, generation: drifted ? generation.now : asked, head, tools };
    return this.#listing;
  }
}

async function allPages(fetch: FetchPage): Promise<readonly JsonObject[] | undefined> {
  const pages: JsonObject[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetch(cursor);
    if (page === undefined || pages.length >= PAGES_MAX) return undefined;
    pages.push(page);
    cursor = typeof page['nextCursor'] === 'string' ? page['nextCursor'] : undefined;
  } while (cursor !== undefined);
  return pages;
}

function toolsOf(page: JsonObject): readonly JsonObject[] {
  const tools = page['tools'];
  return Array.isArray(tools) ? tools.filter((each) => isJsonObject(each)) : [];
}
