/** The bytes of a request, within a size and a time (A21). */
import type { IncomingMessage } from 'node:http';

const TIMEOUT_MS = 10_000;

/** A status when it is not to be had: 413 too large, 408 too slow, 400 broken off. */
export function readBody(request: IncomingMessage, bytes_max: number): Promise<Uint8Array | 400 | 408 | 413> {
  if (Number(request.headers['content-length'] ?? 0) > bytes_max) return Promise.resolve(413);
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const finish = (result: Uint8Array | 400 | 408 | 413): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const timer = setTimeout(finish, TIMEOUT_MS, 408);
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > bytes_max) {
        request.pause();
        finish(413);
      } else parts.push(part);
    });
    request.on('end', () => finish(Buffer.concat(parts)));
    request.on('error', () => finish(400));
    request.on('close', () => finish(400));
  });
}
