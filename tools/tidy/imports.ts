// Which way imports may point (DESIGN §4). `packages` and `layers` are the architecture, top first; the
// rest reads them. A newcomer's folder that is in no layer is told so, and adding it here is a decision.
import { posix } from 'node:path';
import { type Import, isTest, type Problem, type Source } from './source.ts';

const packages: Record<string, readonly string[]> = {
  core: [],
  sdk: ['@countersign/core'],
  gateway: ['@countersign/core', '@countersign/sdk'],
  console: ['@countersign/core', '@countersign/sdk'],
};

interface Layer {
  readonly places: readonly string[];
  /** Places of this layer that do not know each other. */
  readonly apart?: boolean;
  /** Places below that are out of reach all the same: what is not seen cannot be bypassed. */
  readonly never?: readonly string[];
}

const layers: readonly Layer[] = [
  { places: ['root', 'composition', 'in-force', 'desk', 'cli'] },
  { places: ['protocols', 'channels', 'api'], apart: true, never: ['store', 'audit'] },
  { places: ['enforce'] },
  { places: ['tools'] }, // changes of the gateway's own, made as operations
  { places: ['operations'] },
  { places: ['erasure'] }, // above all that holds clear text of a request
  {
    places: [
      'requests',
      'approvals',
      'executions',
      'previews',
      'delegations',
      'pauses',
      'grants',
      'history',
      'break-glass',
      'webhooks',
      'cards',
      'tickets',
    ],
  }, // the use cases
  { places: ['port'] },
  {
    places: [
      'authority',
      'events',
      'metrics',
      'payloads',
      'store',
      'audit',
      'identity',
      'credentials',
      'masking',
      'passkeys',
      'policy',
    ],
  },
  { places: ['config'] },
  { places: ['clock', 'cursor', 'ids', 'limits', 'outgoing', 'repeat'] },
];

// What is asked of others, in types: whoever fulfils one may name it, from below too.
const ports = [
  'gateway/src/deps.ts',
  'gateway/src/protocols/protocol.ts',
  'gateway/src/channels/channel.ts',
  'gateway/src/api/ports.ts',
  'gateway/src/api/access/access.ts',
];

export function importProblems(file: Source): Problem[] {
  if (isTest(file.path)) return [];
  return file.imports.flatMap((one) => {
    const advice = wrong(file.path, one);
    return advice === undefined ? [] : [{ path: file.path, line: one.line, rule: 'import', advice }];
  });
}

function wrong(from: string, { specifier, typeOnly }: Import): string | undefined {
  const home = from.split('/')[0] ?? '';
  const allowed = packages[home];
  if (allowed === undefined) return undefined; // tools, tests and benches may look anywhere
  if (!from.startsWith(`${home}/src/`)) return undefined; // what tests stand on
  if (!specifier.startsWith('.')) return wrongPackage(home, specifier, allowed);
  const to = resolve(from, specifier);
  if (!to.startsWith(`${home}/`)) return `reach ${to} by its package name`;
  if (!to.startsWith(`${home}/src/`) || isTest(to))
    return `the product does not import ${to}, which is for tests`;
  if (home !== 'gateway' || (typeOnly && ports.includes(to))) return undefined;
  return ports.includes(from) && typeOnly ? undefined : wrongLayer(from, to);
}

function wrongPackage(home: string, specifier: string, allowed: readonly string[]): string | undefined {
  const ours = /^(@countersign\/[^/]+|countersign)/.exec(specifier)?.[0];
  if (ours !== undefined && !allowed.includes(ours)) return `${home} may not import ${ours}`;
  return undefined;
}

function wrongLayer(from: string, to: string): string | undefined {
  const [a, b] = [placeOf(from), placeOf(to)];
  const upper = layers.findIndex((layer) => layer.places.includes(a.place));
  const lower = layers.findIndex((layer) => layer.places.includes(b.place));
  const unknown = upper === -1 ? a.place : lower === -1 ? b.place : undefined;
  if (unknown !== undefined)
    return `gateway/src/${unknown} has no layer: give it one in tools/tidy/imports.ts`;
  if (b.registry && from !== 'gateway/src/main.ts') return `only main.ts may use the registry ${to}`;
  if (lower < upper) return `points up: ${a.place} lies below ${b.place}; pass it in as an argument`;
  if (a.registry && a.place === b.place) return undefined; // it lists those who do not know each other
  const layer = layers[upper];
  if (layer?.never?.includes(b.place))
    return `${a.place} may not see ${b.place}; go through enforce or requests`;
  // A registry names its adapters: that is all it does.
  if (a.registry) return undefined;
  if (layer?.apart && upper === lower && name(a) !== name(b))
    return `${name(a)} and ${name(b)} do not know each other`;
  return undefined;
}

function name({ place, adapter }: Place): string {
  return adapter === undefined ? place : `${place}/${adapter}`;
}

interface Place {
  readonly place: string;
  /** `mcp` in protocols/mcp: each stands alone beside the port they fit. */
  readonly adapter?: string;
  readonly registry: boolean;
}

function placeOf(path: string): Place {
  if (ports.includes(path)) return { place: 'port', registry: false };
  const [, , folder = '', second, third] = path.split('/');
  if (second === undefined) return { place: rootPlace(folder.replace('.ts', '')), registry: false };
  const adapted = folder === 'protocols' || folder === 'channels';
  if (!adapted) return { place: folder, registry: false };
  // What composes the schemas of the adapters is part of the configuration, as they are.
  if (second === 'config.ts') return { place: 'config', registry: false };
  if (third === undefined && second === 'index.ts') return { place: folder, registry: true };
  if (third === undefined) return { place: folder, registry: false };
  // An adapter's own config schema is part of the configuration, which is composed of them.
  if (third === 'config.ts') return { place: 'config', registry: false };
  return { place: folder, adapter: second, registry: false };
}

// A file straight under gateway/src is named in a layer, or is part of the composition root around main.ts.
function rootPlace(stem: string): string {
  return layers.some((layer) => layer.places.includes(stem)) ? stem : 'root';
}

function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

/** Each knot once: files that import each other around a circle, type-only imports included. */
export function cycleProblems(sources: readonly Source[]): Problem[] {
  const known = new Map(sources.map((one) => [one.path, one]));
  const done = new Set<string>();
  const found: Problem[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) found.push(cycleProblem([...trail.slice(at), path]));
    if (at !== -1 || done.has(path)) return;
    for (const { specifier } of known.get(path)?.imports ?? []) {
      const to = resolve(path, specifier);
      if (specifier.startsWith('.') && known.has(to)) visit(to, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return found;
}

function cycleProblem(circle: readonly string[]): Problem {
  const advice = `${circle.join(' → ')}; move what both need into a file of its own`;
  return { path: circle[0] ?? '', line: 1, rule: 'import-cycle', advice };
}
