/** What a held call would change is looked at: a read on the record before its first byte, and its end after. */
import { createPreviewDoor } from '../../../../gateway/src/enforce/preview.ts';
import type { Previewer } from '../../../../gateway/src/previews/previewer.ts';
import { createPreviews } from '../../../../gateway/src/previews/previews.ts';
import { previewsOf } from '../../../../gateway/src/previews/stored.ts';
import { evaluationOf } from '../../../../gateway/testing/rig.ts';
import { insist, type World } from '../../world.ts';
import type { Chapter } from '../chapter.ts';

const LOOKS_MAX = 400;

const previewerOf = ({ rig }: World, looked: { unrecorded: number }): Previewer => ({
  any: true,
  plan: (principal, { resource }) =>
    resource.id === 'write_file'
      ? {
          kind: 'plan',
          evaluation: evaluationOf(principal, 'read_file', { path: '/previewed' }),
          show: 'text',
          dry_run: false,
          within_ms: 5_000,
          async read() {
            const begun = await rig.store.read({
              sql: "SELECT 1 FROM previews WHERE status = 'started'",
              params: [],
            });
            if (begun.length === 0) looked.unrecorded += 1;
            return { kind: 'read', text: 'what is there' };
          },
        }
      : undefined,
});

export const lookedAt: Chapter = async (world) => {
  const { rig } = world;
  const looked = { unrecorded: 0 };
  const previews = createPreviews({
    deps: rig.deps,
    door: createPreviewDoor(rig.deps),
    previewers: () => [previewerOf(world, looked)],
  });
  await insist(() => previews.start());
  const verdict = await world.act('write_file', { path: '/previewed' });
  const id = verdict.kind === 'held' ? verdict.held.request.id : undefined;
  if (id !== undefined) {
    for (let look = 0; look < LOOKS_MAX && (await previewsOf(rig.store, id)).length === 0; look += 1)
      await new Promise((resolve) => setImmediate(resolve));
  }
  await previews.close();
  if (looked.unrecorded > 0) throw new Error('something was read that is not on the record');
  if (id !== undefined) await world.review(id, 'bob', { decision: 'denied', reason: 'looked at' });
};
