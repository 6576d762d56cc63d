/**
 * A disk that loses its power: it keeps what was fsynced and, of everything else, whatever it likes. Names are kept by
 * fsyncing their folder, bytes by fsyncing their file, neither by the other (POSIX; file systems that give more only
 * make this stricter than life). Sectors of 512 bytes are written whole or not at all, in any order.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly length: number };
type Node = { readonly folder: boolean; readonly durable: Bytes; readonly pending: Change[] };
type Renaming = { readonly name: string; readonly node: Node | undefined };

const SECTOR = 512;

/** What happens to a change that was not synced: kept or lost. */
export type Luck = () => boolean;

export class Disk {
  readonly #root: string;
  /** As the running system sees it. */
  readonly #now = new Map<string, Node>();
  /** As it is after a power loss, but for luck. */
  readonly #durable = new Map<string, Node>();
  /** Changes of names not yet synced, by folder. */
  readonly #names = new Map<string, Renaming[]>();

  /** A disk whose folder `root` holds, durably, what `copy` holds. */
  constructor(root: string, copy: string) {
    this.#root = root;
    for (const entry of readdirSync(copy, { recursive: true, withFileTypes: true })) {
      const source = join(entry.parentPath, entry.name);
      const path = join(root, source.slice(copy.length));
      const folder = entry.isDirectory();
      const node: Node = {
        folder,
        durable: new Bytes(folder ? Buffer.alloc(0) : readFileSync(source)),
        pending: [],
      };
      this.#now.set(path, node);
      this.#durable.set(path, node);
    }
  }

  holds(path: string): boolean {
    return path === this.#root || path.startsWith(`${this.#root}/`);
  }

  create(path: string, folder = false): void {
    if (!this.#now.has(path)) this.#name(path, { folder, durable: new Bytes(Buffer.alloc(0)), pending: [] });
  }

  rename(from: string, to: string): void {
    const node = this.#now.get(from);
    this.#name(to, node);
    this.#name(from, undefined);
  }

  remove(path: string): void {
    this.#name(path, undefined);
  }

  #name(path: string, node: Node | undefined): void {
    if (node === undefined) this.#now.delete(path);
    else this.#now.set(path, node);
    const folder = dirname(path);
    this.#names.set(folder, [...(this.#names.get(folder) ?? []), { name: path, node }]);
  }

  write(path: string, at: number, bytes: Buffer): void {
    this.#now.get(path)?.pending.push({ at, bytes });
  }

  truncate(path: string, length: number): void {
    this.#now.get(path)?.pending.push({ length });
  }

  /** Begins a sync; the returned function ends it. Only what was written before it began is covered. */
  sync(path: string): () => void {
    const node = this.#now.get(path);
    if (path === this.#root || node?.folder === true) {
      const names = [...(this.#names.get(path) ?? [])];
      return () => {
        for (const { name, node: named } of names) settle(this.#durable, name, named);
        this.#names.set(path, (this.#names.get(path) ?? []).slice(names.length));
      };
    }
    const count = node?.pending.length ?? 0;
    return () => {
      if (node === undefined) return;
      apply(node.durable, node.pending.splice(0, count), () => true);
    };
  }

  /** The file as a running program reads it. */
  read(path: string): Buffer | undefined {
    const node = this.#now.get(path);
    return node && apply(node.durable.copy(), node.pending, () => true).get();
  }

  /** Cuts the power: writes what is left to another folder. */
  cut(target: string, luck: Luck): void {
    const left = new Map(this.#durable);
    for (const names of this.#names.values()) {
      // A folder's names change in order: some first part of what was not synced may have happened.
      for (const { name, node } of names) {
        if (!luck()) break;
        settle(left, name, node);
      }
    }
    mkdirSync(target, { recursive: true, mode: 0o700 });
    const paths = [...left.keys()].sort();
    for (const path of paths) {
      const node = left.get(path);
      const place = join(target, path.slice(this.#root.length));
      if (node === undefined || !isReachable(left, dirname(path), this.#root)) continue;
      if (node.folder) mkdirSync(place, { recursive: true, mode: 0o700 });
      else writeFileSync(place, apply(node.durable.copy(), node.pending, luck).get(), { mode: 0o600 });
    }
  }
}

function settle(names: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

function isReachable(names: ReadonlyMap<string, Node>, folder: string, root: string): boolean {
  for (let at = folder; at !== root; at = dirname(at)) if (names.get(at)?.folder !== true) return false;
  return true;
}

/** Bytes that grow in place. */
class Bytes {
  #room: Buffer;
  #length: number;

  constructor(from: Buffer) {
    this.#room = from;
    this.#length = from.length;
  }

  get(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  copy(): Bytes {
    return new Bytes(Buffer.from(this.get()));
  }

  resize(length: number): void {
    if (length > this.#room.length) {
      const room = Buffer.alloc(Math.max(length, this.#room.length * 2));
      this.get().copy(room);
      this.#room = room;
    } else if (length > this.#length) {
      this.#room.fill(0, this.#length, length);
    }
    this.#length = length;
  }

  put(at: number, bytes: Buffer): void {
    if (at + bytes.length > this.#length) this.resize(at + bytes.length);
    bytes.copy(this.#room, at);
  }
}

function apply(bytes: Bytes, changes: readonly Change[], luck: Luck): Bytes {
  for (const change of changes) {
    if ('length' in change) {
      if (luck()) bytes.resize(change.length);
      continue;
    }
    for (let from = 0; from < change.bytes.length; from += SECTOR) {
      if (luck()) bytes.put(change.at + from, change.bytes.subarray(from, from + SECTOR));
    }
  }
  return bytes;
}
