/**
 * Reads what a caller sent, strictly: bounded before it is read, parsed by the parser that refuses what others repair
 * (duplicate keys, rounded numbers, lone surrogates; A6), then matched against a closed schema. Every refusal names the
 * member and the fix, and repeats no value.
 */
import { JsonError, parseJson } from '@countersign/core';
import { z } from '@hono/zod-openapi';
import { type Problem, problem } from './problem.ts';

export type BodyLimits = { readonly bytes_max: number; readonly depth_max: number };

/** The whole body, or why not. A declared length over the limit is refused before a byte is read. */
export async function readBytes(request: Request, bytes_max: number): Promise<Uint8Array | Problem> {
  const bound = bytes_max === 0 ? 'send none: this operation takes no body' : `at most ${bytes_max} bytes`;
  const tooLarge = problem('too_large', `body: ${bound}`, { headers: { connection: 'close' } });
  if (Number(request.headers.get('content-length') ?? 0) > bytes_max) return tooLarge;
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of request.body ?? []) {
    total += chunk.length;
    if (total > bytes_max) return tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function isJson(request: Request): boolean {
  return /^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i.test(
    request.headers.get('content-type') ?? '',
  );
}

export function parseBody(bytes: Uint8Array, limits: BodyLimits): { readonly value: unknown } | Problem {
  try {
    return { value: parseJson(bytes, limits) };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return problem('invalid_request', `body: ${error.message}`, { field: 'body' });
  }
}

export type Where = 'body' | 'query' | 'path';

export function match<T>(
  schema: z.ZodType<T>,
  value: unknown,
  where: Where,
): { readonly value: T } | Problem {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const [first, ...rest] = result.error.issues.map((issue) => explain(issue, schema, where));
  if (first === undefined) return problem('invalid_request', `${where}: not understood`, { field: where });
  const more = rest.slice(0, 4).map(({ text }) => text);
  return problem('invalid_request', [first.text, ...more].join('; '), { field: first.field });
}

function explain(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  where: Where,
): { readonly field: string; readonly text: string } {
  const field = [where, ...issue.path.map(String)].join('.');
  if (issue.code !== 'unrecognized_keys') return { field, text: `${field}: ${lower(issue.message)}` };
  const [key = ''] = issue.keys;
  const known = issue.path.length === 0 && schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const fix = known.length === 0 ? 'remove it' : `known here: ${known.join(', ')}`;
  // Key names come from the caller: quoted, cut, and plain ASCII only.
  return {
    field,
    text: `${field}: unknown field ${JSON.stringify(key.replace(/[^\x20-\x7e]/g, '?').slice(0, 40))}; ${fix}`,
  };
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
