/** Who lives in the story and what its policy says: today's, and tomorrow's, which asks for more. */
import { type Config, configSchema } from '../../../gateway/src/config/config.ts';
import { oidcAccount } from '../../../gateway/src/config/sign-in.ts';
import { hashCredential } from '../../../gateway/src/identity/credential.ts';
import { CONFIG, policyOf, type Rule, SEAT } from '../../../gateway/testing/rig.ts';

/** A fixed key, so that a killed process and the one after it know the same agent. */
export const AGENT_KEY = `cs_agent_${'k'.repeat(43)}`;

/** A ticket system, whose users sign in at a provider of their own. */
export const TICKET_KEY = `cs_ticket_${'t'.repeat(43)}`;
export const TICKET_ISSUER = 'https://tickets.example.com';

const jira = {
  keys: [{ hash: hashCredential(TICKET_KEY), expires: '2099-01-01' }],
  may: ['comment', 'deny', 'relay'],
  sees: 'all',
  oidc: { provider: 'tickets', client_id: 'jira' },
  limits: { denials_per_hour: 1 },
};

export const PEOPLE: Config = configSchema.parse({
  ...CONFIG,
  people: {
    ...CONFIG.people,
    bob: { ...CONFIG.people['bob'], accounts: [oidcAccount(TICKET_ISSUER, 'bob')] },
  },
  ticketing: { jira },
  agents: {
    ...CONFIG.agents,
    coder: { owner: 'alice', team: 'platform', keys: [hashCredential(AGENT_KEY)], pending_max: 50 },
  },
});

const TWO_DBAS = { ...SEAT, seats: [{ by: 'group:dba' as const, count: 2, proof: 'session' as const }] };

const RULES: { readonly [tool: string]: Rule } = {
  read_file: { then: 'allow' },
  write_file: { then: 'require', requirement: { ...SEAT, grant: { lasts_ms: 3_600_000, uses: 3 } } },
  drop_table: { then: 'require', requirement: TWO_DBAS },
  twice: { then: 'require', requirement: { ...SEAT, uses: 2 } },
  smash: {
    then: 'require',
    requirement: {
      ...TWO_DBAS,
      break_glass: { by: ['person:carol'], notify: [], review: ['anyone'] },
    },
  },
  shell: { then: 'deny' },
};

export const TODAY = policyOf(RULES, '1a'.repeat(32));
export const TOMORROW = policyOf(
  { ...RULES, write_file: { then: 'require', requirement: TWO_DBAS } },
  '2b'.repeat(32),
);
