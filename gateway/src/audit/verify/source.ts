import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where an auditor's copy of a log is read from: its folder, or its URL ending in `/log/`. */
export type LogSource = {
  readonly name: string;
  /** Undefined when there is no such file. @throws LogUnreadable, or the file system's error, when it cannot be told */
  read(path: string): Promise<Uint8Array | undefined>;
};

/** It cannot be told whether there is a log, or what is in it: says nothing against it, and nothing for it. */
export class LogUnreadable extends Error {
  override readonly name = 'LogUnreadable';
}

/** A full envelope bundle is about 400 KB; nothing of a log is near this (I15). */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 30_000;

export function folderSource(folder: string): LogSource {
  return {
    name: folder,
    read: async (path) => {
      try {
        return await readFile(join(folder, path));
      } catch (error) {
        if (
          error instanceof Error &&
          'code' in error &&
          (error.code === 'ENOENT' || error.code === 'ENOTDIR')
        )
          return undefined;
        throw error;
      }
    },
  };
}

export function urlSource(url: string): LogSource {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  return {
    name: base.href,
    read: async (path) => {
      const url = new URL(path, base);
      try {
        const answer = await fetch(url, {
          redirect: 'error',
          signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
        });
        if (answer.status === 404) return undefined;
        if (!answer.ok) throw new LogUnreadable(`${url}: HTTP ${answer.status}`);
        return await bounded(answer);
      } catch (error) {
        throw error instanceof LogUnreadable ? error : new LogUnreadable(`${url}: ${causeOf(error)}`);
      }
    },
  };
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function bounded(answer: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > FILE_BYTES_MAX) throw new LogUnreadable(`${answer.url}: more than ${FILE_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** `https://…` or a folder. */
export const openLogSource = (place: string): LogSource =>
  /^https?:\/\//.test(place) ? urlSource(place) : folderSource(place);
