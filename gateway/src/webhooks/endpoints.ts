/** Who is told, as configured now: webhooks, and the agents that may be called back. Secrets are opened when they are used. */
import type {
  CallbackConfig,
  CallbacksConfig,
  EventType,
  WebhookConfig,
  WebhooksConfig,
} from '../channels/webhook/config.ts';
import { keyOf } from './sign.ts';

export type Told = { readonly webhooks: WebhooksConfig; readonly callbacks: CallbacksConfig };

type About = { readonly upstream: string | undefined; readonly request_id: string | undefined };

export type Endpoint = {
  readonly name: string;
  readonly config: WebhookConfig;
  wants(type: EventType, about: About): boolean;
};

export const endpointsOf = ({ webhooks }: Pick<Told, 'webhooks'>): readonly Endpoint[] =>
  Object.entries(webhooks).map(([id, config]) => ({
    name: `webhook:${id}`,
    config,
    wants: (type, { upstream, request_id }) =>
      config.events.includes(type) &&
      (config.runs === 'all' || request_id !== undefined || !type.startsWith('countersign.execution.')) &&
      (config.upstreams === undefined || (upstream !== undefined && config.upstreams.includes(upstream))),
  }));

/** As numbers are kept of it. Callbacks of all agents are one: agents are never labels (I7), and how many there are is nobody’s bound. */
export const placeOf = (endpoint: string): string =>
  endpoint.startsWith('callback:') ? 'callbacks' : endpoint;

/** Of everybody who is to be told. */
export const namesOf = ({ webhooks, callbacks }: Told): readonly string[] => [
  ...Object.keys(webhooks).map((id) => `webhook:${id}`),
  ...Object.keys(callbacks).map((agent) => `callback:${agent}`),
];

export type OpenSecret = (ref: string, field: string) => string;

/** @throws Error naming the field when one cannot be opened, or is no such secret */
export function keysOf(
  { secret }: Pick<WebhookConfig | CallbackConfig, 'secret'>,
  { field, open }: { readonly field: string; readonly open: OpenSecret },
): readonly Buffer[] {
  const refs = typeof secret === 'string' ? [secret] : secret;
  return refs.map((ref, at) => {
    const named = typeof secret === 'string' ? field : `${field}.${at}`;
    return keyOf(open(ref, named), named);
  });
}

/** Everything that is configured can be opened: said at the start, not with the first notice. @throws Error */
export function checkSecrets({ webhooks, callbacks }: Told, open: OpenSecret): void {
  for (const [id, config] of Object.entries(webhooks))
    keysOf(config, { field: `channels.webhooks.${id}.secret`, open });
  for (const [id, config] of Object.entries(callbacks))
    keysOf(config, { field: `channels.callbacks.${id}.secret`, open });
}
