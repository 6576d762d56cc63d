/** What a process did to its files and said on its output, as `strace` recorded it, in order. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Disk } from './disk.ts';

/** The calls recorded; anything else that changes files would go unseen, so `strace` is told to record no fewer. */
export const CALLS =
  'write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,ftruncate,truncate,openat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,fallocate,sync_file_range,copy_file_range,msync';
const UNHANDLED =
  /^(?:writev|pwritev2?|truncate|renameat2?|linkat?|mkdirat|fallocate|sync_file_range|copy_file_range|msync)\(/;

export type Said = (line: string) => void;

/** Plays the recording onto the disk; `step` is called after each call that touched it. */
export async function play(
  file: string,
  disk: Disk,
  { said, step }: { readonly said: Said; readonly step: () => Promise<void> },
): Promise<void> {
  const player = new Player(disk, said);
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) {
    if (player.line(line)) await step();
  }
}

const text = (hex: string): string => bytesOf(hex).toString('utf8');
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex');

class Player {
  readonly #disk: Disk;
  readonly #said: Said;
  /** Where the next `write` of a descriptor goes. */
  readonly #offsets = new Map<string, number>();
  /** Calls begun and not ended, by thread: what is to happen at the end. */
  readonly #begun = new Map<string, (() => void) | string>();

  constructor(disk: Disk, said: Said) {
    this.#disk = disk;
    this.#said = said;
  }

  /** True when the disk changed. */
  line(line: string): boolean {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/s.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(rest);
    if (resumed !== null) {
      const begun = this.#begun.get(thread);
      this.#begun.delete(thread);
      if (typeof begun === 'function') {
        begun();
        return true;
      }
      return begun === undefined ? false : this.#call(`${begun}${resumed[1] ?? ''}`);
    }
    const unfinished = rest.endsWith('<unfinished ...>');
    if (!unfinished) return this.#call(rest);
    const end = this.#sync(rest);
    if (end !== undefined) this.#begun.set(thread, end);
    // A write may reach the disk as soon as it is begun; anything else counts once it returns.
    else if (/^p?write(?:64)?\(/.test(rest))
      return this.#call(`${rest.slice(0, rest.indexOf(' <unfinished')).replace(/,?\s*$/, '')}) = 0`);
    else this.#begun.set(thread, rest.slice(0, rest.indexOf('<unfinished')).trimEnd());
    return false;
  }

  #sync(call: string): (() => void) | undefined {
    const path = /^(?:fsync|fdatasync)\(\d+<([^>]*)>/.exec(call)?.[1];
    if (path === undefined) return undefined;
    return this.#disk.holds(text(path)) ? this.#disk.sync(text(path)) : () => undefined;
  }

  #call(call: string): boolean {
    if (/= -1 /.test(call.slice(-80))) return false;
    const end = this.#sync(call);
    if (end !== undefined) {
      end();
      return true;
    }
    return this.#data(call) || this.#names(call);
  }

  #data(call: string): boolean {
    const [, name, fd = '', hexPath = '', hex = '', tail = ''] =
      /^(pwrite64|write)\((\d+)<([^>]*)>, "([^"]*)", (.*)$/s.exec(call) ?? [];
    if (name !== undefined) {
      const path = text(hexPath);
      if (fd === '1') this.#said(text(hex));
      if (!this.#disk.holds(path)) return false;
      const bytes = bytesOf(hex);
      const key = `${fd}:${path}`;
      const at = name === 'pwrite64' ? Number(/^\d+, (\d+)/.exec(tail)?.[1]) : (this.#offsets.get(key) ?? 0);
      if (name === 'write') this.#offsets.set(key, at + bytes.length);
      this.#disk.write(path, at, bytes);
      return true;
    }
    const [, cut, length] = /^ftruncate\(\d+<([^>]*)>, (\d+)\)/.exec(call) ?? [];
    if (cut === undefined || !this.#disk.holds(text(cut))) return false;
    this.#disk.truncate(text(cut), Number(length));
    return true;
  }

  #names(call: string): boolean {
    const [, base = '', name = '', flags = '', fd = ''] =
      /^openat\(AT_FDCWD<([^>]*)>, "([^"]*)", ([^)]*)\) += (\d+)</.exec(call) ?? [];
    if (fd !== '') return this.#opened(resolve(text(base), text(name)), flags, fd);
    const [, from, to] = /^rename\("([^"]*)", "([^"]*)"\)/.exec(call) ?? [];
    if (from !== undefined && to !== undefined && this.#disk.holds(text(to))) {
      this.#disk.rename(text(from), text(to));
      return true;
    }
    const gone =
      /^(?:unlink|rmdir)\("([^"]*)"\)/.exec(call)?.[1] ??
      /^unlinkat\(AT_FDCWD<[^>]*>, "([^"]*)"/.exec(call)?.[1];
    if (gone !== undefined && this.#disk.holds(text(gone))) {
      this.#disk.remove(text(gone));
      return true;
    }
    const made = /^mkdir\("([^"]*)"/.exec(call)?.[1];
    if (made !== undefined && this.#disk.holds(text(made))) {
      this.#disk.create(text(made), true);
      return true;
    }
    if (UNHANDLED.test(call)) this.#refuse(call);
    return false;
  }

  #opened(path: string, flags: string, fd: string): boolean {
    if (!this.#disk.holds(path) || !/O_CREAT|O_TRUNC/.test(flags)) {
      if (this.#disk.holds(path)) this.#offsets.set(`${fd}:${path}`, 0);
      return false;
    }
    this.#disk.create(path);
    this.#offsets.set(`${fd}:${path}`, 0);
    if (flags.includes('O_TRUNC')) this.#disk.truncate(path, 0);
    return true;
  }

  /** A call this disk does not know would make the test pass for the wrong reason. */
  #refuse(call: string): void {
    const paths = [...call.matchAll(/[<"]((?:\\x[0-9a-f]{2})+)[>"]/g)].map(([, hex = '']) => text(hex));
    if (paths.some((path) => this.#disk.holds(path)))
      throw new Error(`a call the disk does not model: ${call.slice(0, 40)} on ${paths.join(', ')}`);
  }
}
