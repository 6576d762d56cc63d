/** One broken glass, that nobody closes: with the real port it is tried beside its code. */
import type { BrokenGlass } from '@countersign/sdk';
import { createNotices, type Notices } from '../../break-glass/notices.ts';
import type { ApiPorts } from '../ports.ts';
import { REQUEST_ID } from './requests.ts';

export const GLASS_ID = 'brk_01JD0000000000000000000000';

const broken: BrokenGlass = {
  id: GLASS_ID,
  request_id: REQUEST_ID,
  status: 'open',
  broken_by: 'mara',
  broken_by_name: 'Mara Okafor',
  broken_at: 1_795_000_000_000,
  reason: 'the night shift cannot wait',
  agent: 'writer',
  upstream: 'files',
  action: 'tools/call',
  resource: 'write_file',
  risk: 'medium',
  approval: {
    id: 'apr_01JD0000000000000000000000',
    status: 'active',
    approved_until: 1_795_000_600_000,
  },
  executions: [],
  notify: [],
  review: ['anyone'],
  told: [{ person: 'jon', name: 'Jon Bell' }],
  told_total: 1,
  you: { told: false, may_close: { eligible: false, why: 'breaker' } },
};

export type FakeBreakGlass = ApiPorts['breakGlass'] & Pick<Notices, 'notify'>;

export function fakeBreakGlass(): FakeBreakGlass {
  const { notify, listen } = createNotices((error) => {
    throw error;
  });
  const unknown = { kind: 'refused', why: 'unknown', message: 'There is no such broken glass.' } as const;
  return {
    notify,
    subscribe: listen,
    break: async ({ request_id }) =>
      request_id === REQUEST_ID
        ? { kind: 'refused', why: 'reason_refused', message: 'reason: say what the emergency is' }
        : { kind: 'refused', why: 'unknown_request', message: 'There is no such request.' },
    list: async () => ({ items: [broken] }),
    show: async (id) => (id === GLASS_ID ? broken : undefined),
    acknowledge: async (id) => (id === GLASS_ID ? { kind: 'done' } : unknown),
    close: async (id) =>
      id === GLASS_ID
        ? { kind: 'refused', why: 'not_allowed', message: 'You may not close this: you broke the glass.' }
        : unknown,
  };
}
