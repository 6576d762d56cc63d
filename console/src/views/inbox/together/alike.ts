/** What several actions have in common and where they differ, and what their numbers come to together (A7). Pure. */
import { canonicalize, isJsonObject, type Json, type JsonObject, member } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';

type Compared = Pick<
  RequestDetail,
  'agent' | 'subject' | 'upstream' | 'action' | 'resource' | 'shown_action'
>;

export type Alike = {
  /** One agent, for one requester, one tool. */
  readonly alike: boolean;
  /** Arguments that are not the same in all of them. */
  readonly differ: readonly string[];
  /** Numbers that differ, added up: what a limit for each of them does not see. */
  readonly sums: readonly { readonly name: string; readonly sum: number }[];
};

export function compare(actions: readonly Compared[]): Alike {
  const who = new Set(
    actions.map(({ agent, subject, upstream, action, resource }) =>
      canonicalize([agent, subject, upstream, action, resource]),
    ),
  );
  const args = actions.map(({ shown_action }) => argumentsOf(shown_action));
  const names = [...new Set(args.flatMap((each) => Object.keys(each)))];
  const differ = names.filter(
    (name) => new Set(args.map((each) => canonicalize(member(each, name) ?? null))).size > 1,
  );
  return { alike: who.size <= 1, differ, sums: differ.flatMap((name) => sumOf(name, args)) };
}

function sumOf(name: string, args: readonly JsonObject[]): Alike['sums'] {
  const values = args.map((each) => member(each, name));
  if (!values.every((value): value is number => typeof value === 'number')) return [];
  const sum = values.reduce((total, value) => total + value, 0);
  return [{ name, sum: Number(sum.toPrecision(15)) }];
}

function argumentsOf(action: JsonObject): JsonObject {
  const context: Json = member(action, 'context') ?? null;
  const args = isJsonObject(context) ? (member(context, 'arguments') ?? null) : null;
  return isJsonObject(args) ? args : {};
}

/** Names one request as it is shown now: shown otherwise, it was not seen yet. */
export const shownAs = ({ id, rendered_digest }: Pick<RequestDetail, 'id' | 'rendered_digest'>): string =>
  `${id} ${rendered_digest}`;
