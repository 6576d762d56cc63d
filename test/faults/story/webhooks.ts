/** Others are told what happens: a place that was gone is told again, an agent is called back, old notices go. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { channelsSchema } from '../../../gateway/src/channels/config.ts';
import type { Step } from '../../../gateway/src/store/store.ts';
import { forgetOldNotices, lease, makeDelivery } from '../../../gateway/src/webhooks/rows.ts';
import { newSecret } from '../../../gateway/src/webhooks/sign.ts';
import { openWebhooks } from '../../../gateway/src/webhooks/webhooks.ts';
import { eventually } from '../../../gateway/testing/until.ts';
import { insist } from '../world.ts';
import type { Chapter } from './chapter.ts';

/** Leases are seconds; here each is some milliseconds. */
const FASTER = 200;

export const toldElsewhere: Chapter = async (world) => {
  const { deps, store } = world.rig;
  const began = performance.now();
  const now = (): number => deps.now() + Math.round((performance.now() - began) * FASTER);
  const place = await openPlace();
  const secret = newSecret();
  const allow_networks = ['127.0.0.1'];
  const siem = { url: `${place.url}/hook`, secret: 'env:SECRET', allow_networks };
  const coder = { to: [`${place.url}/called`], secret: 'env:SECRET', allow_networks };
  const open = (channels: object) => {
    const config = channelsSchema.parse(channels);
    const elapsed = (): number => performance.now() * FASTER;
    const parts = { ...deps, now, elapsed, config: () => config, secret: () => secret, look_every_ms: 20 };
    return insist(() => openWebhooks(parts));
  };
  const webhooks = await open({ webhooks: { siem }, callbacks: { coder } });
  try {
    const verdict = await world.call('write_file', { path: '/told-elsewhere' });
    const request = verdict.kind === 'held' ? verdict.held.request.id : undefined;
    if (request === undefined) return;
    await insist(() => webhooks.callbacks.register('coder', request, { endpoint: `${place.url}/called` }));
    await world.review(request, 'bob');
    await eventually('it said that it is gone', async () =>
      (await webhooks.list()).some(({ dead }) => dead > 0) ? true : undefined,
    );
    place.gone = false;
    await insist(() => webhooks.replay('webhook:siem'));
    const told = (what: string) =>
      place.heard.some((each) => each.includes(request) && each.includes(what)) ? true : undefined;
    await insist(() => store.commit({ name: 'lease-notice', steps: takenAndLost(now()), entries: [] }));
    await eventually('what somebody took and lost is taken again', async () => {
      const sql = "SELECT 1 FROM webhook_deliveries WHERE subject = 'lost'";
      return (await store.read({ sql, params: [] })).length === 0 ? true : undefined;
    });
    await eventually('it is told', () => told('countersign.request.opened'));
    await eventually('the agent is called', () => told('"task"'));
    await insist(() => forgetOldNotices(store, now()));
  } finally {
    await webhooks.close();
    await place.close();
  }
  // Nobody is to be told any more.
  const nobody = await open({});
  await nobody.close();
};

/** By a gateway that then died. */
function takenAndLost(at: number): readonly Step[] {
  const of = { endpoint: 'webhook:siem', leaf_index: 0 };
  const made = { ...of, subject: 'lost', type: 'request.opened', event_id: 'lost', made_at: at };
  return [makeDelivery(made), lease(of, at)];
}

type Place = { readonly url: string; readonly heard: string[]; gone: boolean; close(): Promise<void> };

async function openPlace(): Promise<Place> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      const refused = place.gone && request.url === '/hook';
      if (!refused) heard.push(body);
      response.writeHead(refused ? 410 : 204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const place: Place = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    gone: true,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return place;
}
