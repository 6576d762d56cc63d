/** `kill -9` in the middle of telling: whoever starts again tells all that is in the log, of each request in order (A20). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createSealer } from '../../gateway/src/audit/sealer.ts';
import { channelsSchema } from '../../gateway/src/channels/config.ts';
import { newSecret } from '../../gateway/src/webhooks/sign.ts';
import { openWebhooks } from '../../gateway/src/webhooks/webhooks.ts';
import { createRig, policyOf } from '../../gateway/testing/rig.ts';
import { until } from '../../gateway/testing/until.ts';
import { startReceiver } from './receiver.ts';

const ROUNDS = 3;
const { privateKey: private_key, publicKey: public_key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

it('loses nothing, and tells nothing out of order', { timeout: 90_000 }, async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-killed-'));
  const secret = newSecret();
  let ahead_ms = 0;
  const receiver = await startReceiver([secret], () => Date.now() + ahead_ms);
  // One in five is not answered well, so that retries are under way too.
  let came = 0;
  receiver.answer = () => {
    came += 1;
    return came % 5 === 0 ? 503 : 204;
  };
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const child = spawn(
        process.execPath,
        [
          '--conditions=countersign-source',
          fileURLToPath(new URL('killed.child.ts', import.meta.url)),
          dir,
          receiver.url,
          secret,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let finished = 0;
      child.stdout.on('data', (text: Buffer) => {
        finished += text.toString().split('\n').length - 1;
      });
      const before = receiver.taken.length;
      const tells = (): boolean => finished > 10 && receiver.taken.length > before + 20;
      try {
        await until('it works and tells', tells, 20_000);
      } finally {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    receiver.answer = 204;
    const sealer = async () => createSealer({ key: { kid: 'test', private_key, public_key } });
    // Later than any lease and any retry: what was on its way is sent again.
    ahead_ms = 10 * 60_000;
    const time = { now: Date.now() + ahead_ms };
    const rig = await createRig(policyOf({}), { dir, time, sealer });
    const config = channelsSchema.parse({
      webhooks: { siem: { url: receiver.url, secret: 'env:S', allow_networks: ['127.0.0.1'] } },
    });
    const webhooks = await openWebhooks({
      ...rig.deps,
      config: () => config,
      secret: () => secret,
      look_every_ms: 20,
      elapsed: () => performance.now() * 1_000,
    });
    try {
      const rows = await rig.store.read({
        sql: "SELECT event_id, request_id FROM entries WHERE kind IN ('access-request', 'review', 'resolution', 'execution') ORDER BY leaf_index",
        params: [],
      });
      const told = () => new Set(receiver.taken.map(({ id }) => id));
      await until(`all ${rows.length} are told`, () => told().size >= rows.length, 20_000);
      for (const request of new Set(rows.map((row) => row['request_id'])))
        assert.deepEqual(
          receiver.taken.filter(({ event }) => event.subject === request).map(({ id }) => id),
          rows.filter((row) => row['request_id'] === request).map((row) => row['event_id']),
        );
    } finally {
      await webhooks.close();
      await rig.close();
    }
  } finally {
    await receiver.close();
    await rm(dir, { recursive: true, force: true });
  }
});
