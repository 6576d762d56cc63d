/**
 * Ties a schema to the client's type it describes. If they differ in any member, optional ones included, the call does
 * not compile: it asks for a second argument whose type spells out both. Two descriptions that cannot drift apart.
 */
import type { Json } from '@countersign/core';
import type { z } from '@hono/zod-openapi';

export const describes =
  <T>() =>
  <S extends z.ZodType>(schema: S, ..._: Difference<z.output<S>, T>): z.ZodType<T> =>
    // Output only differs by `readonly`, which a validator cannot show.
    schema as unknown as z.ZodType<T>;

export type Difference<A, B> =
  Same<Plain<A>, Plain<B>> extends true
    ? []
    : [different: { readonly schema: Plain<A>; readonly type: Plain<B> }];

/** Identical to the compiler, not merely assignable: a missing optional member is assignable both ways. */
type Same<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;

/** Readonly throughout, intersections merged; any JSON stays as it is. */
type Plain<T> = [Json] extends [T]
  ? T
  : T extends readonly (infer E)[]
    ? readonly Plain<E>[]
    : T extends object
      ? string extends keyof T
        ? { readonly [K in keyof T]: T[K] }
        : { readonly [K in keyof T]: Plain<T[K]> }
      : T;
