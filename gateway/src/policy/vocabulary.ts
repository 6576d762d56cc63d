/**
 * Every word a policy can be written with, for completion: taken from the tables the checker itself reads by, so that
 * what is offered loads and what is not offered does not.
 */
import { RISKS, SCOPE_KEYS } from '@countersign/core';
import type { PolicyFact, PolicyFunction, PolicyKey, PolicyVocabulary } from '@countersign/sdk';
import { COMMON } from './cel/environment.ts';
import { ARGUMENTS, describe, type FactType, factTypeOf, isObject } from './cel/facts.ts';
import { FUNCTIONS, INSTEAD, LOOPS, METHODS } from './cel/functions.ts';
import type { LoadOptions } from './rules/options.ts';
import { EFFECTS, ONLY_WITH, RULE_KEYS } from './rules/read-rule.ts';
import { CONFIDENCES, QUESTION_KEYS } from './testing/test-file.ts';
import { WANT_KEYS } from './testing/want.ts';

/** Past these a list helps nobody to choose (I15). */
const TOOLS_MAX = 2_000;
const FACTS_MAX = 200;
const TOOL_FACTS_MAX = 10_000;
const DEPTH_MAX = 3;

export type KnownTool = { readonly upstream: string; readonly tool: string; readonly class: string };

export function vocabularyOf(options: LoadOptions, tools: readonly KnownTool[]): PolicyVocabulary {
  const { bindings, known, proofs, toolArguments } = options;
  return {
    rule: RULE_KEYS.map(keyOf),
    where: SCOPE_KEYS,
    effects: EFFECTS,
    risks: RISKS,
    proofs: proofs ?? ['session'],
    test: { evaluation: QUESTION_KEYS, want: WANT_KEYS },
    confidences: CONFIDENCES,
    bindings: bindings.map(({ name, obligations, facts }) => ({
      name,
      obligations,
      facts: factsOf(name, factTypeOf(facts), facts),
    })),
    facts: [...COMMON].flatMap(([name, type]) => factsOf(name, type)),
    functions: functions(),
    instead: [...INSTEAD].map(([name, write]) => ({ name, write })),
    names: {
      groups: known?.groups ?? [],
      people: known?.people ?? [],
      upstreams: known?.upstreams ?? [],
      envs: known?.envs ?? [],
      agents: known?.agents ?? [],
      teams: known?.teams ?? [],
    },
    tools: toolsOf(tools.slice(0, TOOLS_MAX), toolArguments),
  };
}

/** Arguments of so many tools that nobody could choose are left out; the tools are named all the same. */
function toolsOf(
  tools: readonly KnownTool[],
  schemaOf: LoadOptions['toolArguments'],
): PolicyVocabulary['tools'] {
  let left = TOOL_FACTS_MAX;
  return tools.map((each) => {
    const schema = left > 0 ? schemaOf?.(each.upstream, each.tool) : undefined;
    const facts = schema === undefined ? [] : factsOf(`mcp.${ARGUMENTS}`, factTypeOf(schema), schema);
    left -= facts.length;
    return { ...each, facts };
  });
}

function keyOf(key: string): PolicyKey {
  const only = ONLY_WITH.find(([each]) => each === key);
  return only === undefined ? { key } : { key, only_with: only[1] };
}

function functions(): readonly PolicyFunction[] {
  const of = (kind: PolicyFunction['kind'], table: typeof FUNCTIONS): readonly PolicyFunction[] =>
    [...table].map(([name, answers]) => ({
      name,
      kind,
      answers:
        answers === 'same'
          ? 'what it is called on'
          : answers === 'item'
            ? 'a list of what the loop yields'
            : describe(answers),
    }));
  return [...of('function', FUNCTIONS), ...of('method', METHODS), ...of('loop', LOOPS)];
}

type Under = { readonly said: unknown; readonly depth: number };

/** The fields below a fact that has declared ones, else the fact itself. */
function factsOf(path: string, type: FactType, schema?: unknown): readonly PolicyFact[] {
  const found: PolicyFact[] = [];
  const walk = (at: string, each: FactType, { said, depth }: Under): void => {
    if (found.length >= FACTS_MAX) return;
    if (each.kind === 'object' && each.fields.size > 0 && depth < DEPTH_MAX) {
      for (const [name, field] of each.fields)
        walk(stepTo(at, name), field, { said: memberOf(said, name), depth: depth + 1 });
      return;
    }
    const about = isObject(said) && typeof said['description'] === 'string' ? said['description'] : undefined;
    found.push({
      path: at,
      type: describe(each),
      ...(each.kind === 'text' && each.values !== undefined ? { values: each.values } : {}),
      ...(about === undefined ? {} : { about: about.slice(0, ABOUT_CHARS_MAX) }),
    });
  };
  walk(path, type, { said: schema, depth: 0 });
  return found;
}

const ABOUT_CHARS_MAX = 300;

const stepTo = (path: string, name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;

function memberOf(schema: unknown, name: string): unknown {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  return isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}
