/**
 * What an HTTP request must be before its body means anything: from a permitted Host and Origin (DNS rebinding), of an
 * acceptable type, within limits, and sent within a time (slow-loris). Refusals carry status, reason and fix.
 */
import type { IncomingMessage } from 'node:http';
import { header } from './headers.ts';
import { CODE, WireError } from './message.ts';

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

export type Place = { readonly hosts: ReadonlySet<string>; readonly origins: ReadonlySet<string> };

/** Loopback names, and what `public_url` names. */
export function placeOf(public_url: string): Place {
  const url = new URL(public_url);
  return { hosts: new Set([url.host]), origins: new Set([url.origin]) };
}

const forbidden = (message: string): WireError =>
  new WireError(message, { status: 403, code: CODE.invalid_request });

/** @throws WireError 403 for a Host or Origin that is neither loopback nor the gateway's public address */
export function checkPlace(http: IncomingMessage, { hosts, origins }: Place): void {
  const host = header(http.headers, 'host');
  if (host === undefined || !(LOOPBACK.test(host) || hosts.has(host)))
    throw forbidden('Host: not an address of this gateway; set public_url if it is');
  const origin = header(http.headers, 'origin');
  if (origin === undefined || origins.has(origin)) return;
  const url = URL.parse(origin);
  if (url === null || !/^https?:$/.test(url.protocol) || !LOOPBACK.test(url.host))
    throw forbidden('Origin: requests from this origin are not accepted');
}

const essence = (value: string): string => (value.split(';')[0] ?? '').trim().toLowerCase();

/** @throws WireError 406 or 415 */
export function checkTypes(http: IncomingMessage): void {
  const type = header(http.headers, 'content-type');
  if (type === undefined || essence(type) !== 'application/json')
    throw new WireError('Content-Type: must be application/json', {
      status: 415,
      code: CODE.invalid_request,
    });
  checkAccepts(http, ['application/json', 'text/event-stream']);
}

export function checkAccepts(http: IncomingMessage, wanted: readonly string[]): void {
  const accepted = (header(http.headers, 'accept') ?? '').split(',').map(essence);
  const takes = (type: string): boolean =>
    accepted.some((each) => each === type || each === '*/*' || each === `${type.split('/')[0]}/*`);
  if (!wanted.every(takes))
    throw new WireError(`Accept: must list ${wanted.join(' and ')}`, {
      status: 406,
      code: CODE.invalid_request,
    });
}

export type BodyLimits = { readonly bytes_max: number; readonly timeout_ms: number };

type Reading = {
  readonly parts: Buffer[];
  bytes: number;
  readonly bytes_max: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (body: Buffer) => void;
  readonly reject: (error: WireError) => void;
};

const READING = Symbol('reading');
/** What was read stands on the request only until it is whole: a held call keeps its request, not its body. */
type Read = IncomingMessage & { [READING]?: Reading | undefined };

/** The whole body. @throws WireError 413 over the limit, 408 when it does not come in time, 400 when it breaks off */
export function readBody(http: Read, { bytes_max, timeout_ms }: BodyLimits): Promise<Buffer> {
  const declared = Number(header(http.headers, 'content-length') ?? 0);
  if (declared > bytes_max) return Promise.reject(tooLarge(bytes_max));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(late, timeout_ms, http);
    http[READING] = { parts: [], bytes: 0, bytes_max, timer, resolve, reject };
    // The same for all requests, so they may stay: taking listeners off costs more than the rest of this. Errors of the
    // connection come here too; once the body is whole it is the answer that notices them.
    http.on('data', take).on('end', end).on('error', broken).on('aborted', broken);
  });
}

function stop(http: Read): Reading | undefined {
  const reading = http[READING];
  http[READING] = undefined;
  clearTimeout(reading?.timer);
  return reading;
}

function take(this: Read, part: Buffer): void {
  const reading = this[READING];
  if (reading === undefined) return;
  reading.bytes += part.length;
  if (reading.bytes > reading.bytes_max) stop(this)?.reject(tooLarge(reading.bytes_max));
  else reading.parts.push(part);
}

function end(this: Read): void {
  const reading = stop(this);
  if (reading === undefined) return;
  const { parts, resolve } = reading;
  resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
}

function broken(this: Read): void {
  stop(this)?.reject(new WireError('The body broke off', { status: 400, code: CODE.invalid_request }));
}

const late = (http: Read): void =>
  stop(http)?.reject(
    new WireError('The body did not arrive in time', {
      status: 408,
      code: CODE.invalid_request,
      headers: { connection: 'close' },
    }),
  );

const tooLarge = (bytes_max: number): WireError =>
  new WireError(`The body has more than ${bytes_max} bytes; the operator may raise limits.body_bytes_max`, {
    status: 413,
    code: CODE.invalid_request,
    // What is left of the body is not read.
    headers: { connection: 'close' },
  });
