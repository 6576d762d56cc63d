/**
 * Which revision is spoken, on each side. A session speaks one revision on both sides: the caller's, if the upstream
 * speaks it. Bridging two revisions would start here: where {@link eraOfCaller} and {@link Eras} differ.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type JsonObject } from '@countersign/core';
import type { Upstream } from './binding.ts';
import type { Link } from './upstream/link.ts';
import { header, isLegacyVersion, LEGACY, META, MODERN, modernHeaders } from './wire/headers.ts';
import { CODE, type Request, type RpcId, WireError, writeMessage } from './wire/message.ts';

export type Era = 'modern' | 'legacy';

/** A version not known as an older one, or any part of the newer envelope, is the newer revision. */
export function eraOfCaller(headers: IncomingHttpHeaders, params: JsonObject): Era {
  const version = header(headers, 'mcp-protocol-version');
  if (version !== undefined) return isLegacyVersion(version) ? 'legacy' : 'modern';
  const meta = params['_meta'];
  const enveloped = isJsonObject(meta) && meta[`${META}protocolVersion`] !== undefined;
  return enveloped || header(headers, 'mcp-method') !== undefined ? 'modern' : 'legacy';
}

const PROBE_TIMEOUT_MS = 10_000;
/** An upstream found to speak only the older revision is asked again after this. */
const LEGACY_FOR_MS = 300_000;

/** What upstreams were found to speak. */
export class Eras {
  readonly #found = new Map<string, { readonly era: Era; readonly at: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  known({ id, digest }: Upstream): Era | undefined {
    const found = this.#found.get(`${id} ${digest}`);
    if (found?.era === 'legacy' && this.#now() - found.at > LEGACY_FOR_MS) return undefined;
    return found?.era;
  }

  learn({ id, digest }: Upstream, era: Era): void {
    this.#found.set(`${id} ${digest}`, { era, at: this.#now() });
  }

  /** Asks `server/discover` over a link just opened. Undefined: the upstream did not answer at all. */
  async probe(upstream: Upstream, link: Link): Promise<Era | undefined> {
    const params: JsonObject = {
      _meta: {
        [`${META}protocolVersion`]: MODERN,
        [`${META}clientCapabilities`]: {},
        [`${META}clientInfo`]: { name: 'countersign', version: '0' },
      },
    };
    const request: Request = { kind: 'request', id: 'countersign-probe', method: 'server/discover', params };
    const out = {
      message: request,
      text: writeMessage(request),
      headers: modernHeaders(request.method, params),
    };
    const ending = await link.request(out, {}, AbortSignal.timeout(PROBE_TIMEOUT_MS));
    if (ending.kind === 'lost' && ending.cause !== 'cancelled') return undefined;
    if (ending.kind === 'refused' && (ending.cause === 'credential_refused' || ending.status >= 500))
      return undefined;
    const era: Era =
      ending.kind === 'answered' && speaksModern(ending.answer.message.result) ? 'modern' : 'legacy';
    this.learn(upstream, era);
    return era;
  }
}

function speaksModern(result: unknown): boolean {
  if (typeof result !== 'object' || result === null || !('supportedVersions' in result)) return false;
  return Array.isArray(result.supportedVersions) && result.supportedVersions.includes(MODERN);
}

/**
 * A newer caller at an older upstream. Not an error of the newer revision: only one it does not recognise makes a
 * client that speaks both fall back to `initialize` (2026-07-28 §versioning). A client that speaks one can read it.
 */
export const onlyLegacy = (id: RpcId): WireError =>
  new WireError(`This upstream speaks only ${LEGACY.join(', ')}: begin with initialize`, {
    status: 400,
    code: CODE.refused,
    id,
    data: { supported: [...LEGACY] },
  });
