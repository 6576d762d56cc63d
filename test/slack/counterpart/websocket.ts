/** The server's side of RFC 6455, as much as Socket Mode takes, with the faults a network has. No dependency, so it can be cut anywhere. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export type WebSocketPeer = {
  send(message: object): void;
  ping(): void;
  close(code?: number): void;
  /** Gone without a word, as when a cable is pulled. */
  cut(): void;
  /** Hears nothing and answers nothing any more, and does not say so. */
  freeze(): void;
  readonly open: () => boolean;
};

export type WebSocketEvents = { message(text: string): void; pong?(): void; closed(): void };

export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  events: WebSocketEvents,
): WebSocketPeer {
  const key = String(request.headers['sec-websocket-key']);
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let open = true;
  let frozen = false;
  let buffered: Buffer = Buffer.alloc(0);
  let partial: Buffer[] = [];
  const over = (): void => {
    if (!open) return;
    open = false;
    events.closed();
  };
  const write = (opcode: number, payload: Buffer): void => {
    if (open && !frozen) socket.write(frame(opcode, payload));
  };
  const take = ({ fin, opcode, payload }: Frame): void => {
    if (opcode === 0x8) {
      write(0x8, payload);
      socket.end();
      over();
    } else if (opcode === 0x9) write(0xa, payload);
    else if (opcode === 0xa) events.pong?.();
    else {
      partial.push(payload);
      if (!fin) return;
      const text = Buffer.concat(partial).toString('utf8');
      partial = [];
      events.message(text);
    }
  };
  socket.on('data', (chunk: Buffer) => {
    if (frozen) return;
    buffered = Buffer.concat([buffered, chunk]);
    for (let one = readFrame(buffered); one !== undefined; one = readFrame(buffered)) {
      buffered = buffered.subarray(one.bytes);
      take(one);
    }
  });
  socket.on('close', over);
  socket.on('error', over);
  return {
    send: (message) => write(0x1, Buffer.from(JSON.stringify(message))),
    ping: () => write(0x9, Buffer.from('Ping from applink')),
    close(code = 1000) {
      const payload = Buffer.alloc(2);
      payload.writeUInt16BE(code);
      write(0x8, payload);
      socket.end();
      over();
    },
    cut() {
      socket.destroy();
      over();
    },
    freeze() {
      frozen = true;
    },
    open: () => open,
  };
}

function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.from([0x80 | opcode, length]) : Buffer.alloc(length < 65_536 ? 4 : 10);
  if (length >= 126) {
    head[0] = 0x80 | opcode;
    head[1] = length < 65_536 ? 126 : 127;
    if (length < 65_536) head.writeUInt16BE(length, 2);
    else head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

type Frame = {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
  readonly bytes: number;
};

/** Undefined while it is not all there. @throws Error when the client did not mask it, which RFC 6455 §5.1 forbids */
function readFrame(from: Buffer): Frame | undefined {
  if (from.length < 2) return undefined;
  const [first = 0, second = 0] = from;
  if ((second & 0x80) === 0) throw new Error('a client’s frame must be masked');
  const short = second & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (from.length < at + 4) return undefined;
  const length = short < 126 ? short : short === 126 ? from.readUInt16BE(2) : Number(from.readBigUInt64BE(2));
  if (from.length < at + 4 + length) return undefined;
  const mask = from.subarray(at, at + 4);
  const payload = Buffer.from(from.subarray(at + 4, at + 4 + length));
  for (let index = 0; index < length; index += 1)
    payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return { fin: (first & 0x80) !== 0, opcode: first & 0x0f, payload, bytes: at + 4 + length };
}
