/** What becomes of previews is counted, and how long they took: once each, whoever wanted it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig, evaluationOf, held, policyOf } from '../../testing/rig.ts';
import { until } from '../../testing/until.ts';
import { createPreviewDoor } from '../enforce/preview.ts';
import { createMeter } from '../metrics/meter.ts';
import { createMetrics } from '../metrics/metrics.ts';
import type { Previewer } from './previewer.ts';
import { createPreviews } from './previews.ts';

const POLICY = policyOf({
  write_file: { then: 'require' },
  read_file: { then: 'allow' },
  secret_file: { then: 'deny' },
});

test('asked, shown, failed, refused', async () => {
  const rig = await createRig(POLICY);
  const metrics = createMetrics();
  let tool = 'read_file';
  const previewer: Previewer = {
    any: true,
    plan: (principal, { resource }) =>
      resource.id === 'write_file'
        ? {
            kind: 'plan',
            evaluation: evaluationOf(principal, tool, { path: '/a' }),
            opening: evaluationOf(principal, 'read_file', {}),
            show: 'text',
            dry_run: false,
            within_ms: 5_000,
            read: async () =>
              failing
                ? { kind: 'failed', why: 'it is not there', sent: false }
                : { kind: 'read', text: 'there' },
          }
        : undefined,
  };
  let failing = false;
  const previews = createPreviews({
    deps: rig.deps,
    door: createPreviewDoor(rig.deps),
    previewers: () => [previewer],
    meter: createMeter(metrics),
  });
  const has = (line: string): Promise<void> =>
    until(
      () => `${line}\n${metrics.render()}`,
      () => metrics.render().split('\n').includes(line),
    );
  try {
    await previews.start();
    const { id } = held(await rig.call('write_file', { path: '1' }));
    await has('countersign_previews_total{outcome="shown"} 1');
    await has('countersign_preview_seconds_count{outcome="shown"} 1');
    failing = true;
    held(await rig.call('write_file', { path: '2' }));
    await has('countersign_previews_total{outcome="failed"} 1');
    tool = 'secret_file';
    held(await rig.call('write_file', { path: '3' }));
    await has('countersign_previews_total{outcome="refused"} 1');
    await has('countersign_previews_asked_total{by="gateway"} 3');
    rig.time.now += 3_000;
    [tool, failing] = ['read_file', false];
    assert.deepEqual(await previews.again(id, 'bob'), { kind: 'done' });
    await has('countersign_previews_asked_total{by="reviewer"} 1');
    await has('countersign_previews_total{outcome="shown"} 2');
  } finally {
    await previews.close();
    await rig.close();
  }
});
