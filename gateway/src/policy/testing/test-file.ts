/**
 * Reads `*.test.yaml`: questions with the answers wanted (P8). `defaults` fill in every question of the file. A test is
 * read as strictly as a rule; a misspelt key in `want` would otherwise be a test that cannot fail.
 */
import {
  type Confidence,
  type Evaluation,
  type Json,
  type JsonObject,
  SCOPE_KEYS,
  type ScopeKey,
  type Values,
} from '@countersign/core';
import type { Node } from 'yaml';
import { likelySpelling } from '../../config/spelling.ts';
import { LIMITS } from '../limits.ts';
import type { PolicyProblem } from '../problems/problem.ts';
import type { Bindings } from '../rules/bindings.ts';
import type { PolicyFile } from '../source/files.ts';
import {
  type Cursor,
  complain,
  cursorAt,
  type Fields,
  readChoice,
  readList,
  readMap,
  readText,
} from '../yaml/cursor.ts';
import { readYaml } from '../yaml/document.ts';
import { checkFacts } from './fact-check.ts';
import { readWant, type Want } from './want.ts';

export type PolicyTest = {
  readonly name: string;
  readonly at: Cursor;
  readonly evaluation: Evaluation;
  readonly want: Want;
};

export const CONFIDENCES: readonly Confidence[] = ['exact', 'partial', 'opaque', 'none'];
export const QUESTION_KEYS = ['on', ...SCOPE_KEYS, 'subject', 'confidence', 'facts'];

export function readTestFile(
  file: PolicyFile,
  bindings: Bindings,
  problems: PolicyProblem[],
): readonly PolicyTest[] {
  const yaml = readYaml(file.path, file.text, problems);
  if (yaml === undefined) return [];
  const fields = readMap(cursorAt(yaml.source, yaml.root), 'a test file', [
    'version',
    'about',
    'defaults',
    'tests',
  ]);
  if (fields?.['tests'] === undefined) {
    if (fields !== undefined)
      complain(
        cursorAt(yaml.source, yaml.root),
        { message: 'tests is missing', fix: 'write "tests:" and a list' },
        { start: 0, end: 1 },
      );
    return [];
  }
  const defaults =
    fields['defaults'] === undefined ? {} : (readMap(fields['defaults'], 'defaults', QUESTION_KEYS) ?? {});
  const items = readList(fields['tests'], 'tests', LIMITS.tests_max) ?? [];
  return items.flatMap((item) => readTest(item, defaults, bindings) ?? []);
}

function readTest(item: Cursor, defaults: Fields, bindings: Bindings): PolicyTest | undefined {
  const before = item.source.problems.length;
  const fields = readMap({ ...item, key: undefined }, 'a test', ['name', 'evaluation', 'want']);
  if (fields === undefined) return undefined;
  const name =
    fields['name'] === undefined ? undefined : readText(fields['name'], 'name', LIMITS.about_chars_max);
  const question =
    fields['evaluation'] === undefined ? {} : readMap(fields['evaluation'], 'evaluation', QUESTION_KEYS);
  for (const key of ['name', 'want'] as const) {
    if (fields[key] === undefined) complain(item, { message: `a test needs ${key}`, fix: `add ${key}:` });
  }
  if (question === undefined || name === undefined || fields['want'] === undefined) return undefined;
  const want = readWant(fields['want']);
  const evaluation = readQuestion(item, { ...defaults, ...question }, { bindings, defaults });
  if (want === undefined || evaluation === undefined || item.source.problems.length > before)
    return undefined;
  return { name, at: item, evaluation, want };
}

type World = { readonly bindings: Bindings; readonly defaults: Fields };

function readQuestion(item: Cursor, fields: Fields, { bindings, defaults }: World): Evaluation | undefined {
  const binding = readOn(item, fields['on'], bindings);
  if (binding === undefined) return undefined;
  const text = (key: ScopeKey): string =>
    fields[key] === undefined ? '' : (readText(fields[key], key, LIMITS.where_value_chars_max) ?? '');
  const scope = {
    env: text('env'),
    class: text('class'),
    agent: text('agent') || 'agent',
    team: text('team'),
    resource: text('resource'),
    upstream: text('upstream'),
  };
  const type = bindings.factsOf(binding, scope.upstream, scope.resource);
  const given = [defaults['facts'], fields['facts']].filter(
    (each, at, all) => each !== undefined && all.indexOf(each) === at,
  );
  for (const each of given) checkFacts(each ?? item, type, binding);
  const values = given.reduce<Json>((merged, each) => merge(merged, toJson(each)), {});
  const confidence =
    fields['confidence'] === undefined
      ? 'exact'
      : readChoice(fields['confidence'], 'confidence', CONFIDENCES);
  if (confidence === undefined) return undefined;
  return {
    tenant: 'test',
    subject: readSubject(fields['subject'], scope.agent),
    action: { name: 'test' },
    resource: { type: 'test', id: scope.resource, properties: {} },
    context: {},
    facts: { binding, confidence, scope, values: values as Values },
  };
}

function readOn(item: Cursor, field: Cursor | undefined, bindings: Bindings): string | undefined {
  if (field === undefined)
    return complain(item, {
      message: 'on is missing',
      fix: 'name the binding in the test or in defaults, as in on: mcp',
    });
  const name = readText(field, 'on', LIMITS.id_chars_max);
  if (name === undefined || bindings.schema(name) !== undefined) return name;
  const fix = `this version has: ${bindings.names.join(', ')}`;
  return complain(field, {
    message: `there is no binding "${name}"`,
    likely: likelySpelling(name, bindings.names),
    fix,
  });
}

function readSubject(field: Cursor | undefined, agent: string): Evaluation['subject'] {
  if (field === undefined) return { type: 'agent', id: agent };
  const fields = readMap(field, 'subject', ['type', 'id']);
  const type =
    fields?.['type'] === undefined
      ? undefined
      : readChoice(fields['type'], 'type', ['agent', 'identity'] as const);
  const id =
    fields?.['id'] === undefined ? undefined : readText(fields['id'], 'id', LIMITS.where_value_chars_max);
  if (type !== undefined && id !== undefined) return { type, id };
  complain(field, {
    message: 'subject needs type and id',
    fix: 'write subject: { type: identity, id: ann }',
  });
  return { type: 'agent', id: agent };
}

const toJson = (at: Cursor | undefined): Json =>
  ((at?.node as Node | null | undefined)?.toJSON() ?? {}) as Json;

/** `over` on top of `under`, mapping by mapping; anything else is replaced whole. */
function merge(under: Json | undefined, over: Json): Json {
  if (!isMapping(under) || !isMapping(over)) return over;
  const merged: { [key: string]: Json } = { ...under };
  for (const [key, value] of Object.entries(over))
    merged[key] = merge(Object.hasOwn(under, key) ? under[key] : undefined, value);
  return merged;
}

const isMapping = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
