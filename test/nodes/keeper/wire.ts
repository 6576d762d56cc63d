/**
 * One store spoken to by several processes, as a shared database would be: the embedded store in a process of its own, its
 * port over a socket. For tests of gateways that share one; it promises what the store behind it promises, and no more.
 */
import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import type { Command, Query } from '../../../gateway/src/store/store.ts';

export type Asked =
  | { readonly id: number; readonly commit: Command }
  | { readonly id: number; readonly read: Query & { readonly rows_max?: number } }
  | { readonly id: number; readonly size: true };
export type Told =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failed: { readonly message: string; readonly stored?: 'no' | 'unknown' } }
  | { readonly grown: number };

const HEAD_BYTES = 4;

/** Whole messages in both directions. */
export function speak<Out, In>(socket: Socket, heard: (message: In) => void): (message: Out) => void {
  let rest = Buffer.alloc(0);
  socket.on('data', (part: Buffer) => {
    rest = Buffer.concat([rest, part]);
    while (rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readUInt32BE(0)) {
      const end = HEAD_BYTES + rest.readUInt32BE(0);
      const message = deserialize(rest.subarray(HEAD_BYTES, end)) as In;
      rest = rest.subarray(end);
      heard(message);
    }
  });
  return (message) => {
    const body = serialize(message);
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32BE(body.length, 0);
    if (socket.writable) socket.write(Buffer.concat([head, body]));
  };
}
