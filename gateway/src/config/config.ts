/**
 * Step two of reading the configuration: one schema, strict, every key described. docs/configuration.md is generated
 * from it. Unknown keys are errors; secrets are references, never values (I7).
 */
import { z } from 'zod';
import { channelsSchema, checkChannels } from '../channels/config.ts';
import { readNetwork } from '../limits/proxies.ts';
import { isStdio, mcpUpstreamSchema } from '../protocols/mcp/config.ts';
import { agentSchema, keysOf, workloadIdentitySchema } from './agents.ts';
import { parseDuration } from './duration.ts';
import { outgoingSchema } from './outgoing/outgoing.ts';
import { problemsOf } from './problems/problems.ts';
import { checkScim, scimSchema } from './scim.ts';
import { accountKey, checkSignIn, GIVEN_ID, loosely, misspelled, signInSchema } from './sign-in.ts';
import { ConfigError, type ConfigProblem, type ConfigSource, readConfigSource } from './source.ts';
import { likelySpelling } from './spelling.ts';
import { checkTicketing, ticketingSchema } from './ticketing/ticketing.ts';
import { count, duration, id } from './values.ts';
import { checkWorkload } from './workload.ts';

const personSchema = z.strictObject({
  name: z.string().min(1).max(200).describe('The name reviewers and auditors read.'),
  roles: z
    .array(z.enum(['reviewer', 'operator', 'auditor']))
    .min(1)
    .describe(
      '`reviewer` may review, `operator` may accept tools and revoke, `auditor` may read and export. No role is exempt from separation of duties.',
    ),
  accounts: z
    .array(z.string().min(1).max(320))
    .default([])
    .describe(
      'Other names of the same human: e-mail addresses, single sign-on subjects, chat ids. An account belongs to one person.',
    ),
  active: z
    .boolean()
    .default(true)
    .describe('False takes effect at once: sessions end, reviews on unredeemed requests stop counting.'),
});

const upstreamSchema = z.strictObject({
  env: id.default('prod').describe('Environment, for policy: `dev`, `staging`, `prod`, …'),
  mcp: mcpUpstreamSchema.describe('An MCP server, over HTTP (`url`) or started by the gateway (`command`).'),
});

const listenSchema = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'must be HOST:PORT, such as 127.0.0.1:7070');

const POLICY_FOLDER = './policy';

const policySchema = z
  .union([
    z.string().min(1).describe('Folder of policy files (`*.yaml`) and their tests (`*.test.yaml`).'),
    z.strictObject({
      source: z
        .enum(['files', 'store'])
        .default('files')
        .describe(
          '`files`: the folder is watched, and changed there. `store`: the folder is read once, by the first start; from then on the policy is changed by proposal and review, and the folder counts for nothing.',
        ),
      folder: z.string().min(1).default(POLICY_FOLDER).describe('Folder of policy files and their tests.'),
    }),
  ])
  .default(POLICY_FOLDER)
  .describe('The policy: its folder, or where it is kept and the folder it begins with.');

export const configSchema = z.strictObject({
  listen: z
    .strictObject({
      http: listenSchema
        .default('127.0.0.1:7070')
        .describe('Address of the gateway. Keep it on loopback, or put TLS in front.'),
      trusted_proxies: z
        .array(
          z
            .string()
            .refine(
              (text) => readNetwork(text) !== undefined,
              'must be the address of a proxy or its network, such as 10.0.0.5 or 10.0.0.0/24; never everybody (/0)',
            ),
        )
        .max(64)
        .default([])
        .describe(
          'Proxies in front of the gateway, by address or network. What they say of who is calling (`X-Forwarded-For`, `Forwarded`) is believed, and nobody else’s word: sign-in is limited by that address. Without any, everyone behind a proxy shares its limit.',
        ),
    })
    .prefault({}),
  public_url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://gate.example.com' })
    .default('http://localhost:7070')
    .describe(
      'How people and agents reach the gateway; used in links, and the only Host and Origin accepted besides loopback.',
    ),
  tenant: id.default('default').describe('Written into every action and audit entry.'),
  store: z
    .strictObject({
      sqlite: z
        .string()
        .min(1)
        .describe('Folder of the embedded store: database, signing keys (0600) and the log.'),
    })
    .prefault({ sqlite: './data' }),
  policy: policySchema,
  log: z
    .strictObject({
      origin: z
        .string()
        .regex(/^[^\s+]{1,200}$/, 'must have no spaces and no "+"')
        .optional()
        .describe(
          'Name of the log, its checkpoints’ first line. Default: host of `public_url` and `/log`. Never change it for a running log.',
        ),
    })
    .prefault({}),
  people: z.record(id, personSchema).default({}).describe('Everyone who may sign in, by id.'),
  groups: z
    .record(id, z.array(id).max(1000))
    .default({})
    .describe('Groups of people, by id: lists of person ids.'),
  sign_in: signInSchema
    .prefault({})
    .describe('How people sign in, beside one-time links, and how long they stay signed in.'),
  scim: scimSchema,
  agents: z.record(id, agentSchema).default({}).describe('Agents that may call, by id.'),
  workload_identity: workloadIdentitySchema,
  upstreams: z
    .record(id, upstreamSchema)
    .default({})
    .describe('Protected systems, by id. An MCP upstream is served at `/mcp/<id>`.'),
  channels: channelsSchema,
  outgoing: outgoingSchema,
  ticketing: ticketingSchema,
  limits: z
    .strictObject({
      people_max: count(100_000)
        .default(10_000)
        .describe('Most people providers may make known here, beside those in the configuration.'),
      delegation_depth_max: count(8)
        .default(3)
        .describe(
          'How many agents may stand in the chain of a token by which one acts for another (`act`, RFC 8693). A longer one is refused.',
        ),
      body_bytes_max: count(67_108_864).default(4_194_304).describe('Largest request body, in bytes.'),
      json_depth_max: count(512).default(64).describe('Deepest nesting of a JSON body.'),
      held_calls_max: count(100_000)
        .default(4000)
        .describe(
          'Most calls held open at once, over all agents. An agent may hold as many as are still free, so none can take every place; a call that finds none is told to ask again.',
        ),
      tasks_max: count(1_000_000)
        .default(10_000)
        .describe(
          'Most tasks (calls that wait or run without a connection) not over at once, over all agents. An agent may have as many as are still free; over the limit a call waits on its connection instead.',
        ),
      delegation_max: duration
        .refine((text) => (parseDuration(text) ?? 0) <= 366 * 86_400_000, 'must be at most 366d')
        .default('14d')
        .describe(
          'The longest a reviewer may give their seat to another while away. It ends by itself; they may give it again.',
        ),
      processes_max: count(10_000)
        .default(256)
        .describe(
          'Most processes of started servers alive at once, over all upstreams. An agent may have as many as are still free.',
        ),
    })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;
export type AgentConfig = Config['agents'][string];
export type PolicySourceKind = 'files' | 'store';

/** Where the policy is kept and changed: in a folder, by whatever keeps that; or in the store, by proposal and review. */
export const policyPlace = ({
  policy,
}: Pick<Config, 'policy'>): { readonly source: PolicySourceKind; readonly folder: string } =>
  typeof policy === 'string' ? { source: 'files', folder: policy } : policy;

/** The log's name on its checkpoints. */
export const logOrigin = ({ log, public_url }: Pick<Config, 'log' | 'public_url'>): string =>
  log.origin ?? `${new URL(public_url).host}/log`;

/** Reads and checks a configuration file. @throws ConfigError with every problem found, each with its line. */
export function loadConfig(file: string): Config {
  return parseConfig(readConfigSource(file));
}

export function parseConfig(source: ConfigSource): Config {
  const parsed = configSchema.safeParse(source.value ?? {});
  if (!parsed.success) throw new ConfigError(problemsOf(parsed.error.issues, source, configSchema));
  const problems = crossCheck(parsed.data, source);
  if (problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}

/** What one key cannot tell: names that must exist, accounts and keys that must be of one person or agent. */
function crossCheck(config: Config, source: ConfigSource): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const problem = (path: readonly PropertyKey[], message: string): void => {
    problems.push({ file: source.file, line: source.lineOf(path), key: path.map(String).join('.'), message });
  };
  const mustBePerson = (person: string, path: readonly PropertyKey[]): void => {
    if (Object.hasOwn(config.people, person)) return;
    const meant = likelySpelling(person, Object.keys(config.people));
    problem(
      path,
      `there is no person “${person}”${meant === undefined ? '; add it under people' : `; did you mean “${meant}”?`}`,
    );
  };
  for (const [group, members] of Object.entries(config.groups)) {
    for (const member of members) mustBePerson(member, ['groups', group]);
  }
  checkSignIn(config.sign_in, config.groups, problem);
  checkScim(config.scim, { groups: config.groups, oidc: config.sign_in.oidc, complain: problem });
  checkChannels(config.channels, problem);
  const names = namesOf(config, problem);
  const keys = new Map<string, string>();
  for (const [agent, agentConfig] of Object.entries(config.agents)) {
    const { owner } = agentConfig;
    if (owner !== undefined) mustBePerson(owner, ['agents', agent, 'owner']);
    const comesByToken = config.workload_identity.some(({ agents }) =>
      agents.some((rule) => rule.agent === agent),
    );
    if (agentConfig.keys.length === 0 && !comesByToken)
      problem(
        ['agents', agent, 'keys'],
        `is missing, and no rule under workload_identity names this agent: it could never come in; make a key with: countersign agents new-key ${agent}`,
      );
    if (names.has(agent.toLowerCase()) || GIVEN_ID.test(agent))
      problem(['agents', agent], `“${agent}” is also the name of a person; agents and people must not mix`);
    for (const { hash } of keysOf(agentConfig)) {
      const other = keys.get(hash);
      if (other !== undefined)
        problem(
          ['agents', agent, 'keys'],
          `the same key is listed for ${other}; every key belongs to one agent`,
        );
      keys.set(hash, agent);
    }
  }
  checkTicketing(config.ticketing, {
    oidc: config.sign_in.oidc,
    upstreams: config.upstreams,
    public_url: config.public_url,
    taken: new Map([...keys, ...scimTokens(config.scim)]),
    complain: problem,
  });
  checkWorkload(config.workload_identity, {
    agents: config.agents,
    isPerson: (name) => names.has(accountKey(name)),
    mustBePerson,
    problem,
  });
  for (const [id, { env, mcp }] of Object.entries(config.upstreams)) {
    if (isStdio(mcp) && mcp.run_as === undefined && env !== 'dev')
      problem(
        ['upstreams', id, 'mcp'],
        `run_as is missing: outside \`env: dev\` a started server needs a system user of its own, or it could read the gateway’s keys`,
      );
  }
  return problems;
}

const scimTokens = (scim: Config['scim']): readonly (readonly [hash: string, provider: string])[] =>
  Object.entries(scim).flatMap(([id, { tokens }]) => tokens.map(({ hash }) => [hash, id] as const));

type Complain = (path: readonly PropertyKey[], message: string) => void;

/** Whose each name is, by {@link accountKey}: ids and accounts, each of one person. */
function namesOf(config: Config, problem: Complain): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  /** However they are written: one human must not become two by a prefix or a slash. */
  const spelled = new Map<string, string>();
  for (const person of Object.keys(config.people)) {
    names.set(person.toLowerCase(), person);
    if (GIVEN_ID.test(person))
      problem(
        ['people', person],
        'ids beginning with “usr_” are given to people a provider makes known; choose another',
      );
  }
  const issuers = [...Object.values(config.sign_in.oidc), ...config.workload_identity].map(
    ({ issuer }) => issuer,
  );
  for (const [person, { accounts }] of Object.entries(config.people)) {
    for (const account of accounts) {
      const other = names.get(accountKey(account)) ?? spelled.get(loosely(account));
      if (other !== undefined && other !== person)
        problem(
          ['people', person, 'accounts'],
          `“${account}” already belongs to ${other}; an account belongs to one person`,
        );
      names.set(accountKey(account), person);
      spelled.set(loosely(account), person);
      const wrong = misspelled(account, issuers);
      if (wrong !== undefined) problem(['people', person, 'accounts'], wrong);
    }
  }
  return names;
}
