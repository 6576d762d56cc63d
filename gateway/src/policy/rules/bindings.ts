/** The bindings a policy may speak of, their facts as types, and the compiler for conditions over them. */
import { type Compiled, Compiler } from '../cel/condition.ts';
import { type FactType, factTypeOf, withArguments } from '../cel/facts.ts';
import { remember } from '../memo.ts';
import type { BindingSchema } from '../policy.ts';
import type { LoadOptions } from './options.ts';
import type { Where } from './rule.ts';

type When = { readonly text: string; readonly loosens: boolean; readonly where: Where };

/** A rule that pins more tools than this has its arguments checked when it runs. */
const PINNED_TOOLS_MAX = 100;

export class Bindings {
  readonly names: readonly string[];
  readonly #schemas: ReadonlyMap<string, BindingSchema>;
  readonly #facts = new Map<string, FactType>();
  readonly #compilers = new Map<string, Compiler>();
  readonly #tools = new Map<string, FactType>();
  readonly #toolArguments: LoadOptions['toolArguments'];

  constructor({ bindings, toolArguments }: LoadOptions) {
    this.names = bindings.map((binding) => binding.name);
    this.#schemas = new Map(bindings.map((binding) => [binding.name, binding]));
    this.#toolArguments = toolArguments;
  }

  schema(name: string): BindingSchema | undefined {
    return this.#schemas.get(name);
  }

  facts(name: string): FactType {
    return remember(this.#facts, name, () => factTypeOf(this.#schemas.get(name)?.facts));
  }

  compile(name: string, { text, loosens, where }: When): Compiled {
    const compiler = remember(this.#compilers, name, () => new Compiler(name));
    return compiler.compile({ text, loosens, facts: this.#factsUnder(name, where) });
  }

  /** The facts' type for one tool, its arguments typed where its schema is known. */
  factsOf(name: string, upstream: string, tool: string): FactType {
    return this.#withTool(this.facts(name), upstream, tool);
  }

  /** Every type the facts can have under a `where`: one for each tool it pins, when it pins upstreams and tools outright. */
  #factsUnder(name: string, where: Where): readonly FactType[] {
    const facts = this.facts(name);
    const [upstreams, tools] = [exact(where.upstream), exact(where.resource)];
    if (upstreams.length * tools.length > PINNED_TOOLS_MAX) return [facts];
    const pinned = upstreams.flatMap((upstream) =>
      tools.map((tool) => this.#withTool(facts, upstream, tool)),
    );
    return pinned.length === 0 ? [facts] : [...new Set(pinned)];
  }

  #withTool(facts: FactType, upstream: string, tool: string): FactType {
    const schema = this.#toolArguments?.(upstream, tool);
    if (schema === undefined) return facts;
    return remember(this.#tools, `${upstream}\n${tool}`, () => withArguments(facts, factTypeOf(schema)));
  }
}

/** The values of a `where` key when all are whole; none otherwise. */
function exact(patterns: Where['upstream']): readonly string[] {
  if (patterns === undefined || !patterns.every((pattern) => pattern.kind === 'exact')) return [];
  return patterns.map((pattern) => pattern.text);
}
