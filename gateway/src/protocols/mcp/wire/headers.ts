/**
 * Do the 2026-07-28 request headers say what the body says (SEP-2243)? Policy decides on the body; a header that says
 * otherwise could mislead whatever stands between, so it is refused with -32020. Upstream, headers are always written
 * anew from the body that runs, never copied from the caller.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type Json, type JsonObject, member } from '@countersign/core';
import { CODE, type Request, WireError } from './message.ts';

export const MODERN = '2026-07-28';
export const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
export const META = 'io.modelcontextprotocol/';

export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value?.trim();
}

export const isLegacyVersion = (version: string): boolean => LEGACY.some((known) => known === version);

/** Which member of `params` a method is about; it is mirrored in `Mcp-Name`. */
const NAMED: { readonly [method: string]: string } = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

export function nameOf(method: string, params: JsonObject): string | undefined {
  const key = Object.hasOwn(NAMED, method) ? NAMED[method] : undefined;
  const value = key === undefined ? undefined : member(params, key);
  return typeof value === 'string' ? value : undefined;
}

/** The required part of a 2026-07-28 request's `_meta`. */
export type Envelope = { readonly meta: JsonObject; readonly capabilities: JsonObject };

const mismatch = (message: string, request: Request): WireError =>
  new WireError(`Header mismatch: ${message}`, { status: 400, code: CODE.header_mismatch, id: request.id });
const invalidParams = (message: string, request: Request): WireError =>
  new WireError(message, { status: 400, code: CODE.invalid_params, id: request.id });

/** Version, method and name agree with the body. @throws WireError */
export function checkEnvelope(headers: IncomingHttpHeaders, request: Request): Envelope {
  const { method, params } = request;
  const meta = params['_meta'];
  if (!isJsonObject(meta))
    throw invalidParams('params._meta: missing; revision 2026-07-28 requires it', request);
  const version = meta[`${META}protocolVersion`];
  if (typeof version !== 'string')
    throw invalidParams(`params._meta["${META}protocolVersion"]: missing`, request);
  const capabilities = meta[`${META}clientCapabilities`];
  if (!isJsonObject(capabilities))
    throw invalidParams(`params._meta["${META}clientCapabilities"]: missing`, request);
  if (header(headers, 'mcp-protocol-version') !== version)
    throw mismatch('MCP-Protocol-Version is not the version in params._meta', request);
  if (version !== MODERN) {
    const data = { supported: [MODERN], requested: version };
    throw new WireError('Unsupported protocol version', {
      status: 400,
      code: CODE.unsupported_version,
      id: request.id,
      data,
    });
  }
  if (header(headers, 'mcp-method') !== method)
    throw mismatch('Mcp-Method is not the method in the body', request);
  return { meta, capabilities };
}

/** `Mcp-Name`, for methods that have one. @throws WireError */
export function checkName(headers: IncomingHttpHeaders, request: Request): void {
  const key = Object.hasOwn(NAMED, request.method) ? NAMED[request.method] : undefined;
  if (key === undefined) return;
  const name = nameOf(request.method, request.params);
  if (name === undefined) throw invalidParams(`params.${key}: must be a string`, request);
  const sent = header(headers, 'mcp-name');
  if (sent === undefined || decodeHeader(sent) !== name)
    throw mismatch(`Mcp-Name is not params.${key}`, request);
}

const SENTINEL = /^=\?base64\?(.*)\?=$/s;

/** A header value as text: `=?base64?…?=` decoded, anything else literal; undefined for broken Base64. */
export function decodeHeader(value: string): string | undefined {
  const coded = SENTINEL.exec(value)?.[1];
  if (coded === undefined) return value;
  const bytes = Buffer.from(coded, 'base64');
  return bytes.toString('base64') === coded ? bytes.toString('utf8') : undefined;
}

export function encodeHeader(value: string): string {
  const plain = /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/.test(value) && !SENTINEL.test(value);
  return plain ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

/** An argument that the tool's definition mirrors in a header. */
type Mirrored = { readonly header: string; readonly path: readonly string[] };
const MIRROR_DEPTH_MAX = 8;
const MIRRORED_MAX = 64;

/** Every `x-mcp-header` in an input schema, by the chain of `properties` that leads to it. */
export function mirroredParams(
  schema: Json | undefined,
  path: readonly string[] = [],
  found: Mirrored[] = [],
): readonly Mirrored[] {
  const properties = isJsonObject(schema) ? schema['properties'] : undefined;
  if (!isJsonObject(properties) || path.length >= MIRROR_DEPTH_MAX) return found;
  for (const [name, each] of Object.entries(properties)) {
    if (!isJsonObject(each) || found.length >= MIRRORED_MAX) continue;
    const mirrored = each['x-mcp-header'];
    if (typeof mirrored === 'string' && /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(mirrored))
      found.push({ header: mirrored, path: [...path, name] });
    mirroredParams(each, [...path, name], found);
  }
  return found;
}

function valueAt(args: Json | undefined, path: readonly string[]): string | undefined {
  let at: Json | undefined = args;
  for (const step of path) at = isJsonObject(at) ? member(at, step) : undefined;
  return at === undefined || at === null || typeof at === 'object' ? undefined : String(at);
}

/** Mirrored arguments are mirrored, and rightly; integers compare as numbers. @throws WireError */
export function checkParamHeaders(
  headers: IncomingHttpHeaders,
  request: Request,
  mirrored: readonly Mirrored[],
): void {
  for (const { header: name, path } of mirrored) {
    const sent = header(headers, `mcp-param-${name.toLowerCase()}`);
    const said = sent === undefined ? undefined : decodeHeader(sent);
    const wanted = valueAt(request.params['arguments'], path);
    const broken = sent !== undefined && said === undefined;
    const same = said === wanted || (isNumeric(said) && isNumeric(wanted) && Number(said) === Number(wanted));
    if (broken || !same) throw mismatch(`Mcp-Param-${name} is not arguments.${path.join('.')}`, request);
  }
}

const isNumeric = (text: string | undefined): boolean =>
  text !== undefined && /^-?\d{1,16}(\.\d{1,16})?$/.test(text);

/** The headers of a 2026-07-28 request, from the body that runs. */
export function modernHeaders(
  method: string,
  params: JsonObject,
  mirrored: readonly Mirrored[] = [],
): { [name: string]: string } {
  const headers: { [name: string]: string } = { 'mcp-protocol-version': MODERN, 'mcp-method': method };
  const name = nameOf(method, params);
  if (name !== undefined) headers['mcp-name'] = encodeHeader(name);
  for (const { header: mirroredName, path } of mirrored) {
    const value = valueAt(params['arguments'], path);
    if (value !== undefined) headers[`mcp-param-${mirroredName.toLowerCase()}`] = encodeHeader(value);
  }
  return headers;
}
