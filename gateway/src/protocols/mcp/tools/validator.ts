/**
 * Ajv, made safe for schemas that strangers wrote and arguments that agents chose (I15): patterns match in linear time,
 * uniqueness is checked in linear time, and a validation does a bounded amount of work, whatever `$ref` and `anyOf` make
 * of it. Beyond the bound it throws: the arguments were not shown to fit.
 */
import { canonicalize, type Json, type JsonObject } from '@countersign/core';
import { _, Ajv, type CodeKeywordDefinition, type KeywordCxt, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { linear } from '../../../limits/linear.ts';

/** Subschemas applied in one validation, each to one value: some milliseconds. A million numbers in a list take as many. */
export const WORK_MAX = 2_000_000;

/** Linear-time matching for `pattern`: a server's regular expression must not be able to stall the gateway. */
const inLinearTime = Object.assign(
  (pattern: string) => {
    const compiled = linear().compile(pattern);
    return { test: (text: string): boolean => compiled.matcher(text).find() };
  },
  { code: 'require("countersign-linear")' },
);

const OPTIONS: Options = {
  strict: false,
  validateFormats: false,
  validateSchema: false,
  allErrors: false,
  ownProperties: true,
  logger: false,
  code: { regExp: inLinearTime },
};

/** A keyword of ours in every subschema: counts one, and stops the whole validation when there is none left. */
const COUNTED = 'countersign:counted';

/** Says whether `args` fit. @throws for work without end, and Error at compile time for a schema that proves nothing */
export function validatorOf(schema: JsonObject): (args: Json) => boolean {
  const { $schema, ...rest } = schema;
  const work = { left: 0 };
  const draft7 = typeof $schema === 'string' && $schema.includes('draft-07');
  const ajv = draft7 ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS);
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    validate: (wanted: boolean, items: readonly Json[]) => !wanted || areUnique(items, work),
  });
  ajv.addKeyword(countedBy(work));
  const validate = ajv.compile(counted(rest));
  return (args) => {
    work.left = WORK_MAX;
    return validate(args) === true;
  };
}

type Work = { left: number };

/** Ajv's own compares every item with every other. Two items are equal when their canonical form is. */
function areUnique(items: readonly Json[], work: Work): boolean {
  work.left -= items.length;
  if (work.left < 0) throw new RangeError('too much work');
  return new Set(items.map((item) => canonicalize(item))).size === items.length;
}

function countedBy(work: Work): CodeKeywordDefinition {
  return {
    keyword: COUNTED,
    // Before anything that could go deeper.
    before: '$ref',
    code({ gen }: KeywordCxt) {
      const left = gen.scopeValue('obj', { ref: work });
      gen.code(_`if (${left}.left-- <= 0) throw new RangeError("too much work")`);
    },
  };
}

/** Members whose values are data, not schemas. */
const DATA = ['const', 'enum', 'default', 'example', 'examples'];
/** Members that map names to schemas: no name of theirs is a keyword. */
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];
const INTO_DATA = new RegExp(`/(?:${DATA.join('|')})(?:/|$)`);

/** The schema with COUNTED in each of its subschemas. @throws RangeError when a reference would get around it */
function counted(schema: JsonObject): JsonObject {
  const { $ref } = schema;
  if (typeof $ref === 'string' && INTO_DATA.test(decodeURIComponent($ref)))
    throw new RangeError('a reference into data');
  const members = Object.entries(schema).map(([key, value]): [string, Json] => {
    if (DATA.includes(key)) return [key, value];
    return [key, NAMED.includes(key) && isObject(value) ? mapped(value) : within(value)];
  });
  return { ...Object.fromEntries(members), [COUNTED]: true };
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mapped = (schemas: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, within(value)]));

function within(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(within);
  return isObject(value) ? counted(value) : value;
}
