/** One call, in one trail; with a real history it is tried beside its code. */
import type { Call, SavedSearch, Trail } from '@countersign/sdk';
import type { ApiPorts } from '../ports.ts';
import { fakeLog, fakePolicy } from './parts.ts';

export const CALL_ID = 'evl_01JD0000000000000000000001';
export const TRAIL_ID = 'trl_01JD0000000000000000000001';

const call: Call = {
  id: CALL_ID,
  at: 1,
  agent: 'writer',
  subject: 'writer',
  owner: 'jon',
  team: null,
  upstream: 'files',
  env: 'dev',
  action: 'tools/call',
  resource: 'write_file',
  class: 'write',
  risk: 'high',
  decision: 'held',
  outcome: 'succeeded',
  permitted_by: 'approval',
  rules: ['write'],
  reviews: [{ reviewer: 'mara', decision: 'approved', at: 2 }],
  sentence: 'write_file on files (dev)',
  request_id: 'req_01JD0000000000000000000001',
  asked_again: 0,
  trail: TRAIL_ID,
};
const trail: Trail = {
  id: TRAIL_ID,
  bound_by: 'session',
  agent: 'writer',
  subject: 'writer',
  owner: 'jon',
  started_at: 1,
  last_at: 1,
  calls: 1,
  held: 1,
  denied: 0,
  failed: 0,
};
const followed = { until: 3, behind: 0 };
const parts = { asked: { kind: 'not_kept' }, answer: { kind: 'kept', shown: { result: 'ok' } } } as const;
const before = { counted: 1, more: false, outcomes: { succeeded: 1 }, last: [call] };

const fakeHistory: ApiPorts['history'] = {
  calls: async ({ agent }) => ({
    items: agent === undefined || agent === call.agent ? [call] : [],
    followed,
  }),
  call: async (id) => (id === CALL_ID ? { ...call, ...parts, entries: [], followed } : undefined),
  trails: async () => ({ items: [trail], followed }),
  trail: async (id) =>
    id === TRAIL_ID
      ? { ...trail, steps: [{ ...call, step: 1, shape: 's', same: 'm', ...parts }], followed }
      : undefined,
  insights: async (span, naming) => ({
    ...span,
    followed,
    asked: { held: 1, approved: 1, denied: 0, expired: 0, cancelled: 0, waiting: 0, approval_rate: 1 },
    time: { decided: 1, median_ms: 5, p90_ms: 5 },
    rules: [],
    volume: { agents: [], rules: [], all: [{ day: 0, name: '', allowed: 0, held: 1, denied: 0 }] },
    reading: {
      assumed: { characters_per_s: 100, at_least_ms: 1_000 },
      of: naming.kind === 'only' ? 'you' : 'everybody',
      reviewers: ['mara', 'jon']
        .filter((reviewer) => naming.kind === 'everybody' || naming.person === reviewer)
        .map((reviewer) => ({ reviewer, approvals: 2, fast: 1, unseen: 0 })),
      fastest: [],
    },
    unanswered: [],
    near_misses: [{ kind: 'changed', call, then: call }],
    always_from: 5,
  }),
  today: async (_, since) => ({
    since,
    calls: { allowed: 7, held: 1, denied: 2, paused: 0, unasked: 0, more: false },
    requests: { approved: 1, denied: 0, expired: 0, cancelled: 0 },
    my_reviews: 1,
    followed,
  }),
  before: async (request_id) =>
    request_id === call.request_id ? { tool: before, shape: before, same: before, followed } : undefined,
};

/** One person's are everybody's here: whose they are is tried beside the real one. */
function fakeSearches(): ApiPorts['searches'] {
  const kept = new Map<string, SavedSearch>();
  return {
    list: async () => [...kept.values()],
    async save(_, input) {
      const saved = { id: 'sav_01JD0000000000000000000001', ...input, saved_at: 1 };
      if (kept.size > 0 && !kept.has(input.name)) return undefined;
      kept.set(input.name, saved);
      return saved;
    },
    async remove(_, id) {
      const found = [...kept.values()].find((each) => each.id === id);
      return found !== undefined && kept.delete(found.name);
    },
  };
}

/** What people only look at. */
export const fakeLooking = (): Pick<ApiPorts, 'history' | 'searches' | 'log' | 'policy'> => ({
  history: fakeHistory,
  log: fakeLog,
  policy: fakePolicy,
  searches: fakeSearches(),
});
