/**
 * The two CEL environments: one types every fact and only ever checks; the other runs conditions over plain values.
 * Checking and running are apart because wrapping values in typed classes costs more than evaluating them.
 */
import { Environment } from '@marcbachmann/cel-js';
import { LIMITS } from '../limits.ts';
import type { FactType } from './facts.ts';
import { TEXT } from './facts.ts';
import { registerFunctions } from './functions.ts';

/** What every rule can read besides its binding's facts. All of it comes from credentials and configuration, none from a model. */
export const COMMON: ReadonlyMap<string, FactType> = new Map<string, FactType>([
  ['agent', TEXT],
  ['team', TEXT],
  ['env', TEXT],
  ['class', TEXT],
  ['upstream', TEXT],
  ['resource', TEXT],
  [
    'subject',
    {
      kind: 'object',
      fields: new Map([
        ['type', { kind: 'text', values: ['agent', 'identity'] }],
        ['id', TEXT],
      ]),
    },
  ],
]);

const OPTIONS = {
  unlistedVariablesAreDyn: false,
  homogeneousAggregateLiterals: true,
  enableOptionalTypes: true,
  limits: {
    maxAstNodes: LIMITS.condition_nodes_max,
    maxDepth: LIMITS.condition_depth_max,
    maxListElements: LIMITS.list_literal_max,
    maxMapEntries: LIMITS.list_literal_max,
    maxCallArguments: LIMITS.call_arguments_max,
  },
};

/** Runs conditions: facts are maps of anything, and a wrong type is an error of the rule (P3). */
export function runningEnvironment(binding: string): Environment {
  const environment = registerFunctions(new Environment(OPTIONS));
  for (const [name, type] of COMMON)
    environment.registerVariable(name, type.kind === 'text' ? 'string' : 'map<string, dyn>');
  return environment.registerVariable(binding, 'map<string, dyn>');
}

/** Checks conditions: every fact has its declared type. Never evaluates. */
export function checkingEnvironment(binding: string, facts: FactType): Environment {
  const environment = registerFunctions(new Environment(OPTIONS));
  const never = (): boolean => false;
  environment.registerOperator('double == int: bool', never);
  environment.registerOperator('double in list<int>: bool', never);
  environment.registerOperator('int in list<double>: bool', never);
  const named = typeNamer(environment);
  for (const [name, type] of COMMON) environment.registerVariable(name, named(type, `$${name}`));
  return environment.registerVariable(binding, named(facts, `$${binding}`));
}

/** Declares the object types below a fact, innermost first, and answers CEL's name for the fact's type. */
function typeNamer(environment: Environment): (type: FactType, name: string) => string {
  let count = 0;
  const named = (type: FactType, name: string): string => {
    switch (type.kind) {
      case 'text':
        return 'string';
      case 'number':
        return 'double';
      case 'flag':
        return 'bool';
      case 'none':
        return 'null_type';
      case 'any':
        return 'dyn';
      case 'list':
        return `list<${named(type.item, name)}>`;
      case 'map':
        return `map<string, ${named(type.value, name)}>`;
      case 'object': {
        const fields = Object.fromEntries(
          [...type.fields].map(([field, each]) => [field, named(each, `${name}_${field}`)]),
        );
        const unique = `${name.replaceAll(/[^\w$]/g, '_')}_${count++}`;
        environment.registerType(unique, { fields });
        return unique;
      }
    }
  };
  return named;
}
