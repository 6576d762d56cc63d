/**
 * The building blocks of the API's shapes. Every schema here says, by its type, which of the client's types it
 * describes; a test proves the other direction, so the two can never drift apart.
 */
import type { Json, JsonObject } from '@countersign/core';
import type { Page } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';

export const time = z.int().openapi({ description: 'Unix milliseconds', example: 1_795_000_000_000 });
export const text = z.string();
/** A name as configuration allows it, or as an upstream gave it: bounded, never interpreted. */
export const name = z.string().min(1).max(1024);
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected "sha256:" and 64 hex digits');
export const digestOut = z.string().openapi({ example: `sha256:${'0'.repeat(64)}` });

export const json: z.ZodType<Json> = z
  .custom<Json>(() => true)
  .openapi({
    type: ['string', 'number', 'boolean', 'object', 'array', 'null'],
    description: 'Any JSON value',
  });
export const jsonObject: z.ZodType<JsonObject> = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected a JSON object',
  )
  .openapi({ type: 'object', additionalProperties: true });

export const identified = (kind: string) =>
  z.strictObject({
    id: z
      .string()
      .regex(
        new RegExp(`^${kind}[0-9A-HJKMNP-TV-Z]{26}$`),
        `expected ${kind || 'an event id,'} and 26 characters`,
      ),
  });

export const pageOf = <T>(item: z.ZodType<T>): z.ZodType<Page<T>> =>
  z.object({ items: z.array(item), next_cursor: text.exactOptional() });

export const PAGE_LIMIT = 50;
export const PAGE_LIMIT_MAX = 200;
/** Query text to number, refusing what is not plainly one. */
const wholeNumber = z
  .string()
  .regex(/^\d{1,16}$/, 'expected a whole number')
  .transform(Number);
export const paging = {
  limit: wholeNumber.pipe(z.int().min(1).max(PAGE_LIMIT_MAX)).default(PAGE_LIMIT),
  cursor: z.string().min(1).max(1024).exactOptional(),
};
export const timeParameter = wholeNumber;
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
export const nothing: z.ZodType<undefined> = z.undefined();
