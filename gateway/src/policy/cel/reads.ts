/**
 * Walks a parsed condition once, at load: every name must exist, every call must be allowed, loops are bounded, and the
 * facts it reads are collected for explanations (P5, P7). What CEL's own checker cannot see is caught here: fields
 * named inside `has()` and optional access, and comparisons of two values that could both be objects.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { likelySpelling } from '../../config/spelling.ts';
import { LIMITS } from '../limits.ts';
import { ANNOTATIONS, ANY, ARGUMENTS, describe, type FactType, FLAG, NUMBER, TEXT } from './facts.ts';
import { literalFault, lure, type Said, unknownCall, valueFault } from './faults.ts';
import { FUNCTIONS, LOOPS, METHODS, resultOf } from './functions.ts';

/** A problem inside the text of a condition. */
export type Fault = Said & { readonly start: number; readonly end: number };

export type Read = {
  /** As written: `mcp.args.amount`. */
  readonly path: string;
  readonly steps: readonly string[];
  /** Read again on each turn of a loop, and large enough to matter. */
  readonly looped: boolean;
};

export type Loop = {
  readonly node: ASTNode;
  /** It runs over the keys of a declared map; any other loop takes lists only. */
  readonly keyed: boolean;
};

export type Reading = {
  readonly faults: readonly Fault[];
  /** What is allowed but probably not meant. */
  readonly advice: readonly Fault[];
  readonly reads: readonly Read[];
  readonly loops: readonly Loop[];
};

export type Scope = {
  readonly binding: string;
  readonly roots: ReadonlyMap<string, FactType>;
  /** `allow` may not read what an upstream says of itself (I11). */
  readonly loosens: boolean;
};

type Seen = { readonly type: FactType; readonly path?: readonly string[] };
type Bound = ReadonlyMap<string, FactType>;
type Place = { readonly start: number; readonly end: number };

/** How a field is written after its owner. */
const accessOf = (field: string): string =>
  /^[A-Za-z_]\w*$/.test(field) ? `.${field}` : `[${JSON.stringify(field)}]`;

/** The part of an access or call that names the field or method. */
const tip = (node: ASTNode): Place => ({ start: node.pos, end: node.end });

export function readNames(root: ASTNode, scope: Scope): Reading {
  const walk = new Walk(scope);
  walk.value(root, new Map());
  return { faults: walk.faults, advice: walk.advice, reads: [...walk.reads.values()], loops: walk.loops };
}

const LITERALS: { readonly [type: string]: FactType } = {
  string: TEXT,
  number: NUMBER,
  bigint: NUMBER,
  boolean: FLAG,
};
const ARITHMETIC = new Set(['-', '*', '/', '%']);
const PLAIN = new Set(['text', 'number', 'flag', 'none']);
const isPlain = (type: FactType): boolean =>
  PLAIN.has(type.kind) || (type.kind === 'list' && PLAIN.has(type.item.kind));

class Walk {
  readonly faults: Fault[] = [];
  readonly advice: Fault[] = [];
  readonly reads = new Map<string, Read>();
  readonly loops: Loop[] = [];
  readonly scope: Scope;
  #deep = 0;

  constructor(scope: Scope) {
    this.scope = scope;
  }

  /** The type of a node used as a value; whatever facts it names are read. */
  value(node: ASTNode, bound: Bound): FactType {
    const seen = this.node(node, bound);
    if (seen.path !== undefined) this.#read(node, seen.path, seen.type);
    return seen.type;
  }

  node(node: ASTNode, bound: Bound): Seen {
    switch (node.op) {
      case 'value':
        return { type: this.#literal(node, node.args) };
      case 'id':
        return this.#name(node, node.args, bound);
      case '.':
      case '.?':
        return this.#field(tip(node), this.node(node.args[0], bound), node.args[1]);
      case '[]':
      case '[?]':
        return this.#index(node, node.args, bound);
      case 'call':
        return { type: this.#call(node, node.args, bound) };
      case 'rcall':
        return { type: this.#method(node, node.args, bound) };
      case 'list':
        return { type: { kind: 'list', item: node.args.map((each) => this.value(each, bound))[0] ?? ANY } };
      case 'map':
        return this.#fault(node, { message: 'conditions cannot build maps', fix: 'compare field by field' });
      default:
        return { type: this.#operator(node, bound) };
    }
  }

  #operator(node: ASTNode, bound: Bound): FactType {
    switch (node.op) {
      case '?:': {
        const [, first] = node.args.map((each) => this.value(each, bound));
        return first ?? ANY;
      }
      case '!_':
      case '-_':
        this.value(node.args, bound);
        return node.op === '!_' ? FLAG : NUMBER;
      case '==':
      case '!=':
      case 'in':
        return this.#comparison(node, node.args, bound);
      case '+':
        // Text goes only with text, numbers with numbers: one known side tells the other.
        return node.args
          .map((each) => this.value(each, bound))
          .reduce((left, right) => (left.kind === 'any' ? right : left));
      default:
        if (Array.isArray(node.args))
          for (const each of node.args as readonly ASTNode[]) this.value(each, bound);
        return ARITHMETIC.has(node.op) ? NUMBER : FLAG;
    }
  }

  #literal(node: ASTNode, value: unknown): FactType {
    if (value === null) return { kind: 'none' };
    return (
      LITERALS[typeof value] ??
      this.#fault(node, { message: 'conditions work on text, numbers, true, false and null' }).type
    );
  }

  #name(node: ASTNode, name: string, bound: Bound): Seen {
    const local = bound.get(name);
    if (local !== undefined) return { type: local };
    const type = this.scope.roots.get(name);
    if (type !== undefined) return { type, path: [name] };
    if (name === 'claim') {
      return this.#fault(node, {
        message: 'what an agent says of its own action decides nothing',
        fix: 'use facts; reviewers see the claim',
      });
    }
    const names = [...this.scope.roots.keys(), ...bound.keys()];
    const likely = likelySpelling(name, names);
    return this.#fault(node, {
      message: `unknown name "${name}"`,
      likely,
      fix: `a condition here can read: ${names.join(', ')}`,
    });
  }

  #field(at: Place, left: Seen, field: string): Seen {
    const path = left.path === undefined ? undefined : [...left.path, field];
    const seen = (type: FactType): Seen => (path === undefined ? { type } : { type, path });
    if (left.type.kind === 'any') return seen(ANY);
    if (left.type.kind === 'map') return seen(left.type.value);
    if (left.type.kind === 'object') {
      const type = left.type.fields.get(field);
      return type === undefined ? this.#unknownField(at, left, field) : seen(type);
    }
    const what = left.path?.join('.') ?? 'this';
    return this.#fault(at, {
      message: `${what} is ${describe(left.type)} and has no fields`,
      fix: `remove .${field}`,
    });
  }

  #unknownField(at: Place, left: Seen, field: string): Seen {
    const known = left.type.kind === 'object' ? [...left.type.fields.keys()] : [];
    const owner = left.path?.join('.') ?? 'this';
    const argument = left.path?.length === 2 && left.path[1] === ARGUMENTS;
    const likely = likelySpelling(field, known);
    const list = known.length === 0 ? 'it has none' : `it has: ${known.slice(0, 30).join(', ')}`;
    const message = argument ? `the tool has no argument "${field}"` : `${owner} has no field "${field}"`;
    return this.#fault(at, {
      message,
      likely,
      fix: likely === undefined ? list : `write ${owner}${accessOf(likely)}`,
    });
  }

  #index(node: ASTNode, [base, index]: readonly [ASTNode, ASTNode], bound: Bound): Seen {
    const left = this.node(base, bound);
    if (index.op === 'value' && typeof index.args === 'string') {
      return this.#field(index, left, index.args);
    }
    this.value(index, bound);
    if (left.type.kind === 'object') {
      return this.#fault(index, {
        message: 'a field must be named outright',
        fix: 'write it after a dot, or as text in the brackets',
      });
    }
    if (left.path !== undefined) this.#read(node, left.path, left.type);
    return {
      type: left.type.kind === 'list' ? left.type.item : left.type.kind === 'map' ? left.type.value : ANY,
    };
  }

  #call(node: ASTNode, [name, args]: readonly [string, readonly ASTNode[]], bound: Bound): FactType {
    const types = args.map((each) => this.value(each, bound));
    const result = FUNCTIONS.get(name);
    if (result === undefined) return this.#unknownCall(node, name);
    const fault = literalFault(name, args[1]);
    if (fault !== undefined) this.#fault(args[1] ?? node, fault);
    this.#advise(name, args[1]);
    return resultOf(result, types[0] ?? ANY, ANY);
  }

  #method(
    node: ASTNode,
    [name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]],
    bound: Bound,
  ): FactType {
    const loop = LOOPS.get(name);
    if (loop !== undefined) return this.#loop(node, { name, receiver, args }, bound);
    const result = METHODS.get(name);
    if (result === undefined) return this.#unknownCall(node, name);
    const type = this.value(receiver, bound);
    for (const each of args) this.value(each, bound);
    this.#advise(name, args[0]);
    return resultOf(result, type, ANY);
  }

  #loop(
    node: ASTNode,
    call: { name: string; receiver: ASTNode; args: readonly ASTNode[] },
    bound: Bound,
  ): FactType {
    const over = this.value(call.receiver, bound);
    const item = over.kind === 'list' ? over.item : over.kind === 'any' ? ANY : TEXT;
    const [variable, ...body] = call.args;
    if (variable?.op !== 'id')
      return this.#fault(node, {
        message: `${call.name} needs a name for the element first`,
        fix: `write ${call.name}(each, …)`,
      }).type;
    if (this.scope.roots.has(variable.args) || bound.has(variable.args)) {
      this.#fault(variable, {
        message: `"${variable.args}" already means something here`,
        fix: 'choose another name',
      });
    }
    this.loops.push({ node, keyed: over.kind === 'map' || over.kind === 'object' });
    this.#deep += 1;
    if (this.#deep > LIMITS.loops_deep_max) {
      this.#fault(node, {
        message: `loops may be ${LIMITS.loops_deep_max} deep`,
        fix: 'split the rule in two',
      });
    }
    const inner = new Map([...bound, [variable.args, item]]);
    const yields = body.map((each) => this.value(each, inner)).at(-1) ?? ANY;
    this.#deep -= 1;
    return resultOf(LOOPS.get(call.name), over, yields);
  }

  /** Two values of unknown shape never meet: equality of maps is where implementations differ, and agents choose the maps. */
  #comparison(node: ASTNode, args: readonly [ASTNode, ASTNode], bound: Bound): FactType {
    const [left, right] = [this.value(args[0], bound), this.value(args[1], bound)];
    const keyed = node.op === 'in' && (right.kind === 'map' || right.kind === 'object');
    if (!keyed && !isPlain(left) && !isPlain(right)) {
      const fix = 'wrap one side: string(…), number(…) or bool(…), or compare a field';
      this.#fault(node, { message: 'either side could be any value: this comparison could be fooled', fix });
    }
    const object = [left, right].find((type) => type.kind === 'map' || type.kind === 'object');
    if (!keyed && object !== undefined) {
      this.#fault(node, {
        message: `${describe(object)} never equals a single value`,
        fix: 'compare one of its fields',
      });
    }
    this.#knownValue(left, args[1]);
    this.#knownValue(right, args[0]);
    return FLAG;
  }

  /** A fact with a closed list of values, compared with a value it never has. */
  #knownValue(type: FactType, other: ASTNode): void {
    if (type.kind !== 'text' || type.values === undefined) return;
    for (const node of other.op === 'list' ? other.args : [other]) {
      const fault = node.op === 'value' ? valueFault(type.values, node.args) : undefined;
      if (fault !== undefined) this.#fault(node, fault);
    }
  }

  #advise(name: string, argument: ASTNode | undefined): void {
    const said = this.scope.loosens ? lure(name, argument) : undefined;
    if (said !== undefined && argument !== undefined)
      this.advice.push({ start: argument.start, end: argument.end, ...said });
  }

  #unknownCall(node: ASTNode, name: string): FactType {
    return this.#fault(tip(node), unknownCall(name)).type;
  }

  #read(node: ASTNode, path: readonly string[], type: FactType): void {
    if (path.length === 1 && path[0] === this.scope.binding) {
      this.#fault(node, {
        message: `name a field of ${path[0]}`,
        fix: `write ${path[0]}.tool, ${path[0]}.args.x …`,
      });
      return;
    }
    if (this.scope.loosens && path[0] === this.scope.binding && path[1] === ANNOTATIONS) {
      const fix = `read ${[path[0], 'pinned', ...path.slice(2)].join('.')}: it counts only from a tool definition a person accepted`;
      this.#fault(node, { message: 'an allow rule cannot rest on what a tool says of itself', fix });
    }
    const name = path.join('.');
    const looped =
      this.#deep > 0 && path[0] === this.scope.binding && type.kind !== 'number' && type.kind !== 'flag';
    if (this.reads.get(name)?.looped !== true) this.reads.set(name, { path: name, steps: path, looped });
  }

  #fault(at: Place, said: Said): Seen {
    this.faults.push({ start: at.start, end: at.end, ...said });
    return { type: ANY };
  }
}
