// A card says what would change once that is known, in a sentence or two, whoever looks at it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCards } from '../../gateway/src/cards/cards.ts';
import { createLinking } from '../../gateway/src/cards/linking.ts';
import { channelsSchema } from '../../gateway/src/channels/config.ts';
import { createPreviewDoor } from '../../gateway/src/enforce/preview.ts';
import { createPreviews } from '../../gateway/src/previews/previews.ts';
import { createRig, evaluationOf, held, policyOf } from '../../gateway/testing/rig.ts';
import { eventually } from '../../gateway/testing/until.ts';
import { openBoard } from '../faults/cards/board.ts';

test('a card that is there already is drawn anew with what would change', async () => {
  const rig = await createRig(policyOf({ write_file: { then: 'require' } }));
  const released = Promise.withResolvers<void>();
  const previews = createPreviews({
    deps: rig.deps,
    door: createPreviewDoor(rig.deps),
    previewers: () => [
      {
        any: true,
        plan: (principal) => ({
          kind: 'plan',
          evaluation: evaluationOf(principal, 'read_file', {}),
          show: 'diff',
          against: 'one\ntwo <!channel>\n',
          dry_run: false,
          within_ms: 10_000,
          read: async () => {
            await released.promise;
            return { kind: 'read', text: 'one\n' };
          },
        }),
      },
    ],
  });
  const linking = createLinking({
    ...rig.deps,
    accounts: { link: async () => ({ kind: 'done' }) },
    people: { change: async () => ({ ok: false, why: 'nobody is linked here' }) },
    adopts: () => false,
    mayLink: () => ({ why: 'nobody is' }),
  });
  const cards = createCards({
    deps: rig.deps,
    requests: rig.requests,
    config: channelsSchema.parse({}),
    linking,
  });
  const board = openBoard(rig.dir);
  try {
    await previews.start();
    await cards.start([board.channel]);
    const { id } = held(await rig.call('write_file', { path: '/a' }));
    const first = await eventually('a card', () => board.pinOf(id)?.card);
    assert.deepEqual(first.impact, []);
    released.resolve();
    const then = await eventually('what would change', () => {
      const card = board.pinOf(id)?.card;
      return card !== undefined && card.impact.length > 0 ? card : undefined;
    });
    assert.match(
      then.impact[0] ?? '',
      /^It would add 1 line and take away none, as of \d\d:\d\d:\d\d UTC\.$/,
    );
    // Counts only: what the upstream or the agent wrote is not in them.
    assert.ok(!JSON.stringify(then.impact).includes('channel'));
    assert.deepEqual(then.offers, first.offers);
  } finally {
    released.resolve();
    await previews.close();
    await cards.close();
    await rig.close();
  }
});
