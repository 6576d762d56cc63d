/** Chapters about two operators: that two are needed is marked, and what they agree to is made in the redemption of it. */
import type { JsonObject } from '@countersign/core';
import { createChanges, type Draft } from '../../../gateway/src/authority/changes.ts';
import { EMPTY_ROSTER } from '../../../gateway/src/identity/roster/roster.ts';
import { createAgree } from '../../../gateway/src/operations/agree.ts';
import { createOperators } from '../../../gateway/src/operations/operators.ts';
import { createSeen } from '../../../gateway/src/tools/pins.ts';
import { createTools } from '../../../gateway/src/tools/tools.ts';
import { insist } from '../world.ts';
import type { Chapter } from './chapter.ts';
import { PEOPLE } from './house.ts';

const DEFINITION: JsonObject = { name: 'agreed_tool', description: 'Two agreed to it', inputSchema: {} };
const PIN = `sha256:${'6'.repeat(64)}`;

/** Dan asks, Alice agrees; the change is asked for again, as whoever takes it up does. */
export const twoOperators: Chapter = async ({ rig: { deps, authority }, review, outside }) => {
  const changes = createChanges({
    ...deps,
    authority: () => authority,
    world: { config: PEOPLE, pins: authority.current().pins, roster: EMPTY_ROSTER },
  });
  const agree = createAgree({ deps, tenant: 'default' });
  await insist(() => createOperators({ authority, now: deps.now, changes, agree }).need(2, 'dan'));
  await insist(() => createSeen(deps)('files', [{ tool: 'agreed_tool', pin: PIN, definition: DEFINITION }]));
  const rebuild = async (draft: Draft) => {
    await draft.commit(authority.current().policy, undefined);
    return { ok: true } as const;
  };
  const { accept } = createTools({ ...deps, changes, rebuild, agree });
  const asked = { upstream: 'files', tool: 'agreed_tool', pin: PIN, class: 'read', by: 'dan' } as const;
  const held = await insist(() => accept(asked));
  if (held.kind !== 'held') return;
  outside.tell({ said: 'request', request_id: held.request_id, status: 'pending' });
  await review(held.request_id, 'alice');
  const made = await insist(() => accept(asked));
  if (made.kind === 'done') outside.tell({ said: 'accepted', tool: 'agreed_tool', pin: PIN });
};
