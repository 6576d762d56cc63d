/**
 * Where an issuer's keys come from. Over HTTP: https (http on this machine only), no redirect followed, bounded in time
 * and size; a discovery document must be the issuer's own word for itself (A26).
 */
import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isJsonObject, type Json, parseJson } from '@countersign/core';
import type { IssuerConfig } from '../../config/agents.ts';
import { isIssuer } from '../../config/sign-in.ts';
import { DIRECT, type WayOut } from '../../outgoing/way.ts';
import type { KeySource } from './keys.ts';

export const KEYS_BYTES_MAX = 262_144;
export const KEYS_TIMEOUT_MS = 5_000;

export function keySource(config: IssuerConfig, base_dir: string, way: WayOut = DIRECT): KeySource {
  const { jwks, jwks_file, jwks_uri, issuer } = config;
  if (jwks !== undefined) return { read: () => Promise.resolve(JSON.stringify(jwks)) };
  if (jwks_file !== undefined) return { read: () => readBounded(path.resolve(base_dir, jwks_file)) };
  const get = getter(config, base_dir, way);
  return { read: async () => get(jwks_uri ?? (await discover(issuer, get))) };
}

async function readBounded(file: string): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size > KEYS_BYTES_MAX)
    throw new Error(`${file} has ${size} bytes; keys have at most ${KEYS_BYTES_MAX}`);
  return readFile(file);
}

type Get = (url: string) => Promise<Uint8Array>;

function getter({ ca_file }: IssuerConfig, base_dir: string, way: WayOut): Get {
  return async (url) => {
    // Read each time: a cluster's authority is rotated under its old name.
    const ca = ca_file === undefined ? undefined : readFileSync(path.resolve(base_dir, ca_file), 'utf8');
    // Only where an issuer is asked over HTTP: whole, it is 10 MB of the process.
    const { Agent, request } = await import('undici');
    const dispatcher = new Agent({
      connect: way.connect({ timeout: KEYS_TIMEOUT_MS, ...(ca === undefined ? {} : { ca }) }),
      maxResponseSize: KEYS_BYTES_MAX,
    });
    try {
      const { statusCode, body } = await request(url, {
        dispatcher,
        signal: AbortSignal.timeout(KEYS_TIMEOUT_MS),
        headers: { accept: 'application/json, application/jwk-set+json' },
      });
      if (statusCode !== 200) {
        // Not read, so cut off; that it then ends early is what was meant.
        body.on('error', () => undefined).destroy();
        const redirect = statusCode >= 300 && statusCode < 400 ? '; redirects are not followed' : '';
        throw new Error(`${url} answered ${statusCode}${redirect}`);
      }
      return new Uint8Array(await body.arrayBuffer());
    } finally {
      void dispatcher.destroy().catch(() => undefined); // nothing of it is waited for
    }
  };
}

/** OpenID Connect Discovery 1.0 §4, or RFC 8414 §3 for an authorization server without it. */
async function discover(issuer: string, get: Get): Promise<string> {
  const document = await get(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`).catch(
    (first: unknown) => {
      const url = new URL(issuer);
      const own = url.pathname === '/' ? '' : url.pathname;
      return get(`${url.origin}/.well-known/oauth-authorization-server${own}`).catch(() => {
        throw first;
      });
    },
  );
  const said: Json = parseJson(document, { depth_max: 16 });
  if (!isJsonObject(said) || said['issuer'] !== issuer)
    throw new Error(`the discovery document names another issuer than ${issuer}`);
  const { jwks_uri } = said;
  const url = typeof jwks_uri === 'string' ? URL.parse(jwks_uri) : null;
  if (url === null || !isIssuer(url.origin))
    throw new Error('the discovery document names no https jwks_uri');
  return url.href;
}
