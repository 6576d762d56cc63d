/** Checks the facts a test makes up against the binding's types: a test over facts that cannot exist proves nothing. */
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { likelySpelling } from '../../config/spelling.ts';
import { describe, type FactType } from '../cel/facts.ts';
import { type Cursor, complain, cursorAt, readEntries } from '../yaml/cursor.ts';

const SCALARS = { text: 'string', number: 'number', flag: 'boolean' } as const;

export function checkFacts(at: Cursor, type: FactType, name: string): void {
  const wrong = () =>
    complain(at, { message: `${name} is ${describe(type)}`, fix: `write ${describe(type)} here` });
  switch (type.kind) {
    case 'any':
      return;
    case 'none':
      if (!isScalar(at.node) || at.node.value !== null) wrong();
      return;
    case 'list':
      if (!isSeq(at.node)) wrong();
      else
        for (const [index, item] of at.node.items.entries())
          checkFacts(inside(at, item), type.item, `${name}[${index}]`);
      return;
    case 'map':
    case 'object':
      if (isMap(at.node)) checkFields(at, type, name);
      else wrong();
      return;
    default:
      if (!isScalar(at.node) || typeof at.node.value !== SCALARS[type.kind]) wrong();
      else if (type.kind === 'text' && type.values?.includes(String(at.node.value)) === false) {
        complain(at, {
          message: `${name} is never "${at.node.value}"`,
          fix: `it is one of: ${type.values.join(', ')}`,
        });
      }
  }
}

const inside = (at: Cursor, item: unknown): Cursor => cursorAt(at.source, item as Node | null, at);

type Fielded = Extract<FactType, { kind: 'map' | 'object' }>;

function checkFields(at: Cursor, type: Fielded, name: string): void {
  for (const [field, value, keySpan] of readEntries(at, name) ?? []) {
    const known = type.kind === 'map' ? type.value : type.fields.get(field);
    if (known !== undefined) {
      checkFacts(value, known, `${name}.${field}`);
      continue;
    }
    const names = type.kind === 'object' ? [...type.fields.keys()] : [];
    const fix = `it has: ${names.slice(0, 30).join(', ') || 'no fields'}`;
    complain(
      value,
      { message: `${name} has no field "${field}"`, likely: likelySpelling(field, names), fix },
      keySpan,
    );
  }
}
