import { encodeUtf8, parseTilePath, TILE_WIDTH } from '@countersign/core';
import { jwks, type Keys } from './keys/keys.ts';
import type { LogFiles } from './log/files.ts';

export type PublicFile = {
  readonly body: Uint8Array;
  readonly content_type: string;
  /** Full tiles and bundles never change; the rest is fetched anew. */
  readonly immutable: boolean;
};

const TEXT = 'text/plain; charset=utf-8';
const ENVELOPES = /^envelopes\/(?:x[0-9]{3}\/){0,5}[0-9]{3}$/;

/** What auditors may fetch, by URL path: `/log/checkpoint`, `/log/tile/…`, `/log/envelopes/…`, `/log/entry-keys`, `/log/vkey`, `/jwks.json`. Nothing else. */
export function publicFiles(files: LogFiles, keys: Keys): (path: string) => Promise<PublicFile | undefined> {
  const serve = async (path: string, how: Omit<PublicFile, 'body'>): Promise<PublicFile | undefined> => {
    const body = await files.read(path);
    return body === undefined ? undefined : { ...how, body };
  };

  return async (url) => {
    if (url === '/jwks.json') {
      const body = encodeUtf8(JSON.stringify(jwks(keys)));
      return { body, content_type: 'application/jwk-set+json', immutable: false };
    }
    // For whoever meets this log for the first time, and to compare with. Proof against us needs it from elsewhere.
    if (url === '/log/vkey')
      return { body: encodeUtf8(`${keys.log.vkey}\n`), content_type: TEXT, immutable: false };
    if (!url.startsWith('/log/')) return undefined;
    const path = url.slice('/log/'.length);
    if (path === 'checkpoint' || path === 'entry-keys')
      return serve(path, { content_type: TEXT, immutable: false });
    // The parser takes only the one spelling a tile's path has: no `..`, no empty segment, nothing encoded gets through.
    const tile = parseTilePath(path);
    if (tile !== undefined) return serve(path, { content_type: 'application/octet-stream', immutable: true });
    if (ENVELOPES.test(path)) return serveEnvelopes(path);
    return undefined;
  };

  /** A file of fewer than 256 lines still grows. */
  async function serveEnvelopes(path: string): Promise<PublicFile | undefined> {
    const body = await files.read(path);
    if (body === undefined) return undefined;
    let lines = 0;
    for (const byte of body) lines += byte === 0x0a ? 1 : 0;
    return { body, content_type: 'application/jsonl', immutable: lines === TILE_WIDTH };
  }
}
