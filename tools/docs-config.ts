// docs/configuration.md from the schema the gateway itself reads (`configSchema`), so that the page cannot
// promise a key that does not exist. `npm run docs` writes it; docs-config.test.ts fails when it is stale.
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configSchema } from '../gateway/src/config/config.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export interface Row {
  readonly key: string;
  readonly value: string;
  readonly fallback: string;
  readonly description: string;
}

export const page = new URL('../docs/configuration.md', import.meta.url);

export function configurationPage(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  const sections = Object.entries(schema.properties ?? {}).map(([key, one]) => section(key, one));
  return `${heading}\n${sections.join('\n')}`;
}

const heading = `# Configuration

<!-- Generated from gateway/src/config/config.ts by \`npm run docs\`: change it there. -->

\`countersign.yaml\` holds everything an operator sets. A key that is not listed here is an error, which names the
line and the likely spelling. Secrets are never written in it but referred to: \`env:NAME\` or \`file:PATH\`.
Durations are written \`30s\`, \`10m\`, \`2h\`. \`<id>\` stands for a name you choose: 1–64 of a–z, 0–9, \`_\`, \`.\`, \`-\`.

\`people\`, \`groups\` and \`agents\` are taken up while the gateway runs, as soon as the file is saved, on the record; so are
policy files. All else is read at the start. A bad file stops the start; while running, the last good one stays in force.
\`countersign check\` tries a file out, \`countersign init\` writes the first one.

\`\`\`yaml
listen: { http: 127.0.0.1:7070 }
public_url: https://gate.example.com
store: { sqlite: ./data }
policy: ./policy

people:
  alice: { name: Alice, roles: [operator, reviewer], accounts: [alice@example.com] }
  bob: { name: Bob, roles: [reviewer] }
groups:
  platform: [alice, bob]
agents:
  coder:
    owner: alice # so Alice reviews none of its actions
    keys: ["sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"]

upstreams:
  files: # started by the gateway
    env: dev
    mcp: { command: [node_modules/.bin/mcp-server-filesystem, ./shared] }
  github: # reached over HTTP, with a token the agent never sees
    env: prod
    mcp: { url: https://mcp.example.com/mcp, bearer: env:GITHUB_MCP_TOKEN }
\`\`\`
`;

function section(key: string, schema: Schema): string {
  const table = rowsOf(key, schema, false).map(
    (row) => `| \`${row.key}\` | ${cell(row.value)} | ${cell(row.fallback)} | ${cell(row.description)} |`,
  );
  return [`## \`${key}\``, '', '| key | value | default | |', '|---|---|---|---|', ...table, ''].join('\n');
}

/** One row for each key that can be written, parents before children. */
export function rowsOf(key: string, schema: Schema, required: boolean): Row[] {
  const children = childrenOf(key, schema);
  const row = {
    key,
    value: kindOf(schema),
    fallback: fallbackOf(schema, required),
    description: schema.description ?? '',
  };
  const silent = children.length > 0 && row.description === '' && row.fallback === '';
  return silent ? children : [row, ...children];
}

function childrenOf(key: string, schema: Schema): Row[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    rowsOf(`${key}.${name}`, child, schema.required?.includes(name) ?? false),
  );
  const named = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  const each = named === undefined ? [] : childrenOf(`${key}.<id>`, named);
  const items = schema.items === undefined ? [] : childrenOf(`${key}[]`, schema.items);
  const branches = formsOf(key, branchesOf(schema));
  const seen = new Map([...own, ...each, ...items, ...branches].map((row) => [row.key, row]));
  return [...seen.values()];
}

/** Keys of a choice between several forms: one that not every form has says which form it goes with. */
function formsOf(key: string, branches: readonly Schema[]): Row[] {
  const forms = branches.filter((branch) => branch.properties !== undefined);
  return forms.flatMap((form) => {
    const others = forms.filter((one) => one !== form);
    const only = (name: string): boolean => others.every((one) => one.properties?.[name] === undefined);
    const sign = form.required?.find(only);
    return childrenOf(key, form).map((row) => {
      const name = row.key.slice(key.length + 1).split('.')[0] ?? '';
      if (sign === undefined || others.length === 0 || !only(name)) return row;
      if (name === sign) return { ...row, fallback: row.fallback && '**required** in this form' };
      return { ...row, description: `With \`${sign}\`: ${row.description}` };
    });
  });
}

function branchesOf(schema: Schema): readonly Schema[] {
  return [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
}

function kindOf(schema: Schema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  const branches = branchesOf(schema);
  if (branches.length > 0) return [...new Set(branches.map(kindOf))].join(' or ');
  if (schema.type === 'array') return `list of ${kindOf(schema.items ?? {})}`;
  if (typeof schema.additionalProperties === 'object')
    return `map of name to ${kindOf(schema.additionalProperties)}`;
  if (schema.type === 'object') return 'map';
  if (schema.title !== undefined) return schema.title;
  return [schema.format === 'uri' ? 'URL' : String(schema.type ?? 'any'), rangeOf(schema)]
    .filter(Boolean)
    .join(' ');
}

function rangeOf({ minimum, maximum }: Schema): string {
  const upper = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum !== undefined && upper !== undefined) return `${grouped(minimum)}–${grouped(upper)}`;
  if (minimum !== undefined) return `from ${grouped(minimum)}`;
  return upper === undefined ? '' : `up to ${grouped(upper)}`;
}

function grouped(value: number): string {
  return value.toLocaleString('en');
}

function fallbackOf(schema: Schema, required: boolean): string {
  const value = schema.default;
  if (value === undefined) return required ? '**required**' : '';
  const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return empty ? '' : code(value);
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}

function main(args: readonly string[]): void {
  if (!args.includes('--write')) {
    process.stdout.write(configurationPage());
    return;
  }
  writeFileSync(page, configurationPage());
  console.log('wrote docs/configuration.md');
}

if (import.meta.main) main(process.argv.slice(2));
