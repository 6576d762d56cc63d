/**
 * The words on the wire: JSON-RPC 2.0 messages as MCP uses them, read once and strictly. Nothing here repairs, guesses
 * or knows a method; what does not fit is a {@link WireError} that names the member and the fix.
 */
import { isJsonObject, type Json, JsonError, type JsonObject, parseJson } from '@countersign/core';

export type RpcId = string | number;
export type Request = {
  readonly kind: 'request';
  readonly id: RpcId;
  readonly method: string;
  readonly params: JsonObject;
};
export type Notification = {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonObject;
};
export type Response = {
  readonly kind: 'response';
  readonly id: RpcId;
  /** Exactly one of the two. */
  readonly result?: Json;
  readonly error?: JsonObject;
};
export type Message = Request | Notification | Response;

/** JSON-RPC and MCP error codes, by name. */
export const CODE = {
  parse_error: -32700,
  invalid_request: -32600,
  method_not_found: -32601,
  invalid_params: -32602,
  internal_error: -32603,
  /** Ours, in JSON-RPC's range for implementations: the gateway itself says no, or not yet. */
  refused: -32000,
  header_mismatch: -32020,
  missing_capability: -32021,
  unsupported_version: -32022,
} as const;

export type WireErrorOptions = {
  readonly status: number;
  readonly code: number;
  readonly id?: RpcId | null;
  readonly data?: Json;
  readonly headers?: { readonly [name: string]: string };
};

/** Broken or impermissible input at the edge, with the HTTP status and JSON-RPC error it is answered with. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly status: number;
  readonly code: number;
  readonly id: RpcId | null;
  readonly data: Json | undefined;
  readonly headers: { readonly [name: string]: string };

  constructor(message: string, { status, code, id = null, data, headers = {} }: WireErrorOptions) {
    super(message);
    this.status = status;
    this.code = code;
    this.id = id;
    this.data = data;
    this.headers = headers;
  }
}

const invalid = (message: string, id: RpcId | null = null): WireError =>
  new WireError(message, { status: 400, code: CODE.invalid_request, id });

export type JsonLimits = { readonly bytes_max: number; readonly depth_max: number };

/** Bytes to one message. @throws WireError */
export function readMessage(bytes: Uint8Array | string, limits: JsonLimits): Message {
  return toMessage(readJson(bytes, limits));
}

function readJson(bytes: Uint8Array | string, limits: JsonLimits): Json {
  try {
    return parseJson(bytes, limits);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const status = error.code === 'too-large' || error.code === 'too-deep' ? 413 : 400;
    throw new WireError(`The body is not JSON the gateway accepts: ${error.message}`, {
      status,
      code: CODE.parse_error,
    });
  }
}

const MEMBERS = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

/** @throws WireError that names the member at fault */
export function toMessage(value: Json): Message {
  if (Array.isArray(value)) throw invalid('Batches are not accepted: send one message a request');
  if (!isJsonObject(value)) throw invalid('The body must be one JSON-RPC message: an object');
  const id = idOf(value);
  if (value['jsonrpc'] !== '2.0') throw invalid('jsonrpc: must be "2.0"', id ?? null);
  // A member outside the digest must not travel along with what was approved (A5).
  const extra = Object.keys(value).find((key) => !MEMBERS.has(key));
  if (extra !== undefined)
    throw invalid(
      `${JSON.stringify(extra).slice(0, 80)}: not a member of a JSON-RPC message; remove it`,
      id ?? null,
    );
  return 'method' in value ? asked(value, id) : answered(value, id);
}

function idOf(value: JsonObject): RpcId | undefined {
  const id = value['id'];
  if (id === undefined) return undefined;
  if (typeof id === 'string' && id.length <= 1024) return id;
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id;
  throw invalid('id: must be a string of at most 1024 characters or an integer');
}

function asked(value: JsonObject, id: RpcId | undefined): Message {
  const { method, params = {} } = value;
  if (typeof method !== 'string' || method === '' || method.length > 256)
    throw invalid('method: must be a string', id ?? null);
  if (!isJsonObject(params)) throw invalid('params: must be an object', id ?? null);
  if ('result' in value || 'error' in value)
    throw invalid('a message has a method or an answer, not both', id ?? null);
  return id === undefined
    ? { kind: 'notification', method, params }
    : { kind: 'request', id, method, params };
}

function answered(value: JsonObject, id: RpcId | undefined): Message {
  const { result, error } = value;
  if (id === undefined) throw invalid('id: missing');
  if ('params' in value) throw invalid('params: an answer has none', id);
  if ((result === undefined) === (error === undefined))
    throw invalid('an answer has either result or error', id);
  if (error === undefined) return { kind: 'response', id, result: result ?? null };
  if (!isJsonObject(error) || typeof error['code'] !== 'number' || typeof error['message'] !== 'string')
    throw invalid('error: must be an object with code and message', id);
  return { kind: 'response', id, error };
}

/** The text of a message as the gateway itself writes it. */
export function writeMessage(message: Message): string {
  switch (message.kind) {
    case 'request':
      return JSON.stringify({
        jsonrpc: '2.0',
        id: message.id,
        method: message.method,
        params: message.params,
      });
    case 'notification':
      return JSON.stringify({ jsonrpc: '2.0', method: message.method, params: message.params });
    case 'response':
      return writeAnswer(message.id, message);
  }
}

export type Answer = { readonly result?: Json; readonly error?: JsonObject };

export function writeAnswer(id: RpcId, { result, error }: Answer): string {
  return JSON.stringify(
    error === undefined ? { jsonrpc: '2.0', id, result: result ?? null } : { jsonrpc: '2.0', id, error },
  );
}

/** What a client is told of a {@link WireError}. */
export function writeWireError(error: WireError, id: RpcId | null = null): string {
  const { code, message, data } = error;
  return JSON.stringify({
    jsonrpc: '2.0',
    id: error.id ?? id,
    error: { code, message, ...(data === undefined ? {} : { data }) },
  });
}
