/** Who lives in the story and what its policy says: today's, and tomorrow's, which asks for more. */
import { type Config, configSchema } from '../../../gateway/src/config/config.ts';
import { hashCredential } from '../../../gateway/src/identity/credential.ts';
import { CONFIG, policyOf, type Rule, SEAT } from '../../../gateway/testing/rig.ts';

/** A fixed key, so that a killed process and the one after it know the same agent. */
export const AGENT_KEY = `cs_agent_${'k'.repeat(43)}`;

export const PEOPLE: Config = configSchema.parse({
  ...CONFIG,
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
