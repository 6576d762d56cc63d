/** A rig whose log is told to a receiver: opened before each test, closed after it. */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach } from 'node:test';
import { createSealer } from '../../gateway/src/audit/sealer.ts';
import { channelsSchema } from '../../gateway/src/channels/config.ts';
import type { Store } from '../../gateway/src/store/store.ts';
import { newSecret } from '../../gateway/src/webhooks/sign.ts';
import { openWebhooks, type Webhooks } from '../../gateway/src/webhooks/webhooks.ts';
import { createRig, policyOf, type Rig } from '../../gateway/testing/rig.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const { privateKey: private_key, publicKey: public_key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const [OLD, NEW] = [newSecret(), newSecret()];
const SECRETS: { readonly [ref: string]: string } = { 'env:OLD': OLD, 'env:NEW': NEW };
const secret = (ref: string, field: string): string => {
  const value = SECRETS[ref];
  if (value === undefined) throw new Error(`${field}: ${ref} is not set`);
  return value;
};

type Over = { readonly store?: Store; readonly elapsed?: () => number };

export type Stage = {
  readonly rig: Rig;
  readonly there: Receiver;
  /** A webhook at the receiver. */
  hook(over?: object): object;
  configure(webhooks: object, callbacks?: object): void;
  /** Another beside it. */
  open(over?: Over): Promise<Webhooks>;
  start(over?: Over): Promise<Webhooks>;
  stop(): Promise<void>;
};

export function useStage(): Stage {
  let rig: Rig | undefined;
  let there: Receiver | undefined;
  let webhooks: Webhooks | undefined;
  let config = channelsSchema.parse({});
  const there_is = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new TypeError('only within a test');
    return thing;
  };
  const stage: Stage = {
    get rig() {
      return there_is(rig);
    },
    get there() {
      return there_is(there);
    },
    hook: (over = {}) => ({
      url: stage.there.url,
      secret: 'env:OLD',
      allow_networks: ['127.0.0.1'],
      ...over,
    }),
    configure(hooks, callbacks = {}) {
      config = channelsSchema.parse({ webhooks: hooks, callbacks });
    },
    open: (over = {}) =>
      openWebhooks({
        ...stage.rig.deps,
        ...over,
        config: () => config,
        secret,
        random: () => 0,
        look_every_ms: 20,
      }),
    async start(over) {
      webhooks = await stage.open(over);
      return webhooks;
    },
    async stop() {
      await webhooks?.close();
      webhooks = undefined;
    },
  };
  beforeEach(async () => {
    const time = { now: Date.now() };
    rig = await createRig(policyOf({ ask: { then: 'require' }, read: { then: 'allow' } }), {
      time,
      sealer: async () => createSealer({ key: { kid: 'test', private_key, public_key } }),
    });
    there = await startReceiver([OLD, NEW], () => time.now);
    stage.configure({ siem: stage.hook() });
  });
  afterEach(async () => {
    await stage.stop();
    await there?.close();
    await rig?.close();
  });
  return stage;
}
