/**
 * Every byte from a provider comes through here: bounded in size and time, never redirected, JSON read strictly, so that
 * a member said twice is an error and not a choice (A6).
 */
import { JsonError, type JsonObject, parseJson } from '@countersign/core';
import { SignInFailure } from '../failure.ts';

export const PROVIDER_TIMEOUT_MS = 10_000;
/** Discovery, keys, tokens, user info: the largest real ones are a tenth of it. */
export const ANSWER_BYTES_MAX = 262_144;
const DEPTH_MAX = 16;

export type Fetch = typeof fetch;

export type Answered = { readonly status: number; readonly headers: Headers; readonly text: string };

/** @throws SignInFailure `unreachable`, `oversized` */
export async function ask(send: Fetch, url: string, init: RequestInit): Promise<Answered> {
  let response: Response;
  try {
    response = await send(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(PROVIDER_TIMEOUT_MS),
    });
  } catch (cause) {
    throw new SignInFailure('unreachable', { cause });
  }
  if (response.status >= 500 || response.status === 429) {
    await response.body?.cancel();
    throw new SignInFailure('unreachable', { cause: new Error(`status ${response.status}`) });
  }
  return { status: response.status, headers: response.headers, text: await readText(response) };
}

async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      length += read.value.byteLength;
      if (length > ANSWER_BYTES_MAX) throw new SignInFailure('oversized');
      chunks.push(read.value);
    }
  } catch (cause) {
    await reader.cancel().catch(() => undefined); // already broken: there is nothing left to release
    throw cause instanceof SignInFailure ? cause : new SignInFailure('unreachable', { cause });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A JSON object, each member once. @throws SignInFailure `duplicate_claims`, `malformed` */
export function strictObject(text: string): JsonObject {
  try {
    const value = parseJson(text, { depth_max: DEPTH_MAX });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new SignInFailure(cause.code === 'duplicate-key' ? 'duplicate_claims' : 'malformed', { cause });
  }
  throw new SignInFailure('malformed');
}
