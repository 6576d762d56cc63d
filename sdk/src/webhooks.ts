/** Places that are told what happens, as operators see them. */
import { segment } from './http.ts';
import type { Page } from './shapes/requests.ts';
import type {
  WebhookDead,
  WebhookEndpoint,
  WebhookReplayed,
  WebhookReplayInput,
  WebhookTried,
} from './shapes/webhooks.ts';

type Calls = {
  readonly get: <T>(path: string, query?: object) => Promise<T>;
  readonly post: <T>(path: string, body?: unknown) => Promise<T>;
};

export function webhookCalls({ get, post }: Calls) {
  return {
    list: () => get<Page<WebhookEndpoint>>('/api/webhooks'),
    /** What is not tried again, newest first. */
    dead: (name: string) => get<Page<WebhookDead>>(`/api/webhooks/${segment(name)}/dead`),
    /** All of it, or one. */
    replay: (name: string, input: WebhookReplayInput = {}) =>
      post<WebhookReplayed>(`/api/webhooks/${segment(name)}/replay`, input),
    /** Sends a notice that tells nothing. */
    test: (name: string) => post<WebhookTried>(`/api/webhooks/${segment(name)}/test`),
  };
}
