/** The `agents` part of the configuration, and the rules by which workload tokens make agents: who may call, and how much. */
import { z } from 'zod';
import { count, duration, id } from './values.ts';
import { workloadRule, workloadSchema } from './workload.ts';

const keyHash = z
  .string()
  .regex(
    /^sha256:[0-9a-f]{64}$/,
    'must be `sha256:` and 64 hex digits; make one with: countersign agents new-key NAME',
  );

export const moment = z
  .string()
  .refine(
    (text) => /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(text) && !Number.isNaN(Date.parse(text)),
    'must be a day, 2027-03-31, or a time in UTC, 2027-03-31T18:00Z',
  )
  .meta({ title: 'day or time' });

const keySchema = z.strictObject({
  hash: keyHash.describe('Hash of the key.'),
  prefix: z
    .string()
    .regex(
      /^cs_agent_[A-Za-z0-9_-]{4,8}$/,
      'must be the beginning of the key, at most 8 characters after cs_agent_',
    )
    .optional()
    .describe('How the key begins, so that people can tell which one it is.'),
  created: moment.optional().describe('When it was made.'),
  expires: moment
    .optional()
    .describe('From then on it is refused. `countersign check` says so 14 days ahead.'),
});

const limits = {
  hold_wait: duration
    .default('50s')
    .describe(
      'How long a held call is kept open before the agent is told to call again. Below the client’s own limit: 60 s for most, 5 s for some.',
    ),
  pending_max: count(1000)
    .default(20)
    .describe('How many of the agent’s requests may be open at once; the next is refused.'),
  requests_per_hour: count(100_000)
    .default(120)
    .describe(
      'How many requests for review the agent may open within an hour, answered or not; the next is refused. People who are asked all the time stop reading.',
    ),
  calls_per_minute: count(6_000_000)
    .default(6_000)
    .describe(
      'How many calls the agent may make in a minute: messages to `/mcp/…` and requests to `/access/…`. So many at once, refilled evenly; the next is refused with 429 and how long to wait.',
    ),
};

export const agentSchema = z.strictObject({
  owner: id
    .optional()
    .describe(
      'The person responsible for the agent. Nobody reviews an action of an agent they own. An agent without an owner gets only what policy allows outright.',
    ),
  team: id.optional().describe('Team, for policy (`where: { team: [...] }`).'),
  keys: z
    .array(
      z.union([keyHash, keySchema], {
        error:
          'must be `sha256:` and 64 hex digits, or { hash, prefix, created, expires }; make one with: countersign agents new-key NAME',
      }),
    )
    .max(8)
    .default([])
    .describe(
      'Hashes of the agent’s keys, or `{ hash, prefix, created, expires }`. Several at once let keys rotate with overlap. None: the agent comes with workload tokens only.',
    ),
  ...limits,
});

export const workloadIdentitySchema = workloadSchema(workloadRule(limits))
  .default([])
  .describe(
    'Agents without standing secrets: whose tokens are taken, and which agent their claims make. See docs/workload-identity.md.',
  );

type WorkloadIdentity = z.infer<typeof workloadIdentitySchema>;
export type IssuerConfig = WorkloadIdentity[number];
export type RuleConfig = IssuerConfig['agents'][number];
export type AgentLimits = Pick<
  RuleConfig,
  'hold_wait' | 'pending_max' | 'requests_per_hour' | 'calls_per_minute'
>;

type KeyConfig = z.infer<typeof keySchema>;
export type AgentKeyConfig = KeyConfig & { readonly expires_at?: number };

/** Keys as configured, in order, however they were written. */
export const keysOf = ({
  keys,
}: {
  readonly keys: readonly (string | KeyConfig)[];
}): readonly AgentKeyConfig[] =>
  keys.map((key) => {
    if (typeof key === 'string') return { hash: key };
    return key.expires === undefined ? key : { ...key, expires_at: Date.parse(key.expires) };
  });

/** How far ahead people are told that a key will expire. */
export const EXPIRING_MS = 14 * 86_400_000;

export const stateOf = ({ expires_at }: AgentKeyConfig, now: number): 'live' | 'expiring' | 'expired' => {
  if (expires_at === undefined || now < expires_at - EXPIRING_MS) return 'live';
  return now < expires_at ? 'expiring' : 'expired';
};

/** Of several live keys the one made first; where that is not written, the one listed first: new ones are added below. */
export function oldestOf(agent: Parameters<typeof keysOf>[0], now: number): string | undefined {
  const live = keysOf(agent).filter((key) => !hasExpired(key, now));
  if (live.length < 2) return undefined;
  const made = ({ created }: AgentKeyConfig): number => (created === undefined ? 0 : Date.parse(created));
  return live.reduce((oldest, key) => (made(key) < made(oldest) ? key : oldest)).hash;
}

/** Works today, and will not for long: for `check` and the start 14 days ahead. */
export function keyAdvice(
  agents: { readonly [id: string]: Parameters<typeof keysOf>[0] },
  now: number,
): readonly string[] {
  return Object.entries(agents).flatMap(([id, agent]) =>
    keysOf(agent).flatMap((key, at) => {
      const state = stateOf(key, now);
      if (state === 'live') return [];
      const when = state === 'expired' ? 'expired on' : 'expires on';
      const mend =
        state === 'expired' ? 'remove it' : `add a new one beside it: countersign agents new-key ${id}`;
      return [
        `agents.${id}.keys.${at}: ${key.prefix ?? key.hash.slice(0, 19)} ${when} ${key.expires}; ${mend}`,
      ];
    }),
  );
}

export const hasExpired = ({ expires_at }: AgentKeyConfig, now: number): boolean =>
  expires_at !== undefined && now >= expires_at;
