/** A gateway’s inside with webhooks, at work until it is killed: asks, answers, runs, and says each request it finished. */
import { generateKeyPairSync } from 'node:crypto';
import { createSealer } from '../../gateway/src/audit/sealer.ts';
import { channelsSchema } from '../../gateway/src/channels/config.ts';
import { openWebhooks } from '../../gateway/src/webhooks/webhooks.ts';
import { CONFIG, createRig, held, permitted, policyOf } from '../../gateway/testing/rig.ts';

const [dir = '', url = '', secret = ''] = process.argv.slice(2);
const { privateKey: private_key, publicKey: public_key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rig = await createRig(policyOf({ ask: { then: 'require' } }), {
  dir,
  config: {
    ...CONFIG,
    agents: Object.fromEntries(
      Object.entries(CONFIG.agents).map(([id, agent]) => [id, { ...agent, requests_per_hour: 100_000 }]),
    ),
  },
  time: {
    get now() {
      return Date.now();
    },
  },
  sealer: async () => createSealer({ key: { kid: 'test', private_key, public_key } }),
});
const config = channelsSchema.parse({
  webhooks: { siem: { url, secret: 'env:S', allow_networks: ['127.0.0.1'] } },
});
await openWebhooks({ ...rig.deps, config: () => config, secret: () => secret });
for (let n = 0; ; n += 1) {
  const { id } = held(await rig.call('ask', { n }));
  await rig.answer(id, 'bob');
  await permitted(await rig.call('ask', { n })).finish({ status: 'succeeded' });
  process.stdout.write(`${id}\n`);
  await new Promise((done) => setTimeout(done, 15));
}
