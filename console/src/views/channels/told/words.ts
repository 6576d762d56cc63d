/** How it stands with a place that is told, and why one did not take what it was told, in words that say what to do. Pure. */
import type { WebhookEndpoint } from '@countersign/sdk';
import type { Shape, Tone } from '../../../kit/mark.tsx';

export type Standing = { readonly tone: Tone; readonly shape: Shape; readonly word: string };

export function standingOf(place: WebhookEndpoint): Standing {
  if (!place.configured) return { tone: 'soft', shape: 'dash', word: 'Not configured any more' };
  if (place.gone_at !== undefined) return { tone: 'red', shape: 'cross', word: 'Says that it is gone' };
  if (place.failing_since !== undefined) return { tone: 'red', shape: 'cross', word: 'Takes nothing' };
  if (place.last_delivered_at === undefined) return { tone: 'soft', shape: 'ring', word: 'Nothing told yet' };
  return { tone: 'green', shape: 'tick', word: 'Well' };
}

/** `webhook:siem` → `siem`; whose callbacks they are otherwise. */
export const nameOfPlace = (name: string): string =>
  name.startsWith('callback:')
    ? `Callbacks of ${name.slice('callback:'.length)}`
    : name.replace(/^webhook:/, '');

/** `countersign.request.opened` → `request opened`. */
export const eventWords = (type: string): string =>
  type === 'callback' ? 'request ended' : type.replace(/^countersign\./, '').replaceAll('.', ' ');

const STATUSES: { readonly [status: string]: string } = {
  400: 'It did not understand the notice (400)',
  401: 'It refused the notice (401): does it know the secret?',
  403: 'It refused the notice (403): does it know the secret?',
  404: 'It knows no such address (404)',
  405: 'It takes no POST at this address (405)',
  410: 'It says that it is gone (410)',
  413: 'It takes nothing this large (413)',
  429: 'It was told too much at once (429)',
};

const FAULTS: { readonly [code: string]: string } = {
  'no answer in time': 'It did not answer in time',
  'the connection failed': 'The connection failed',
  'not configured any more': 'It is not in the configuration any more',
  ECONNREFUSED: 'Nothing listens at its address',
  ENOTFOUND: 'Its name is not known',
  EAI_AGAIN: 'Its name could not be looked up',
  EHOSTUNREACH: 'No way leads to it',
  ENETUNREACH: 'No way leads to it',
  ECONNRESET: 'It broke the connection off',
  EPIPE: 'It broke the connection off',
  UND_ERR_SOCKET: 'It broke the connection off',
  UND_ERR_CONNECT_TIMEOUT: 'It did not take the connection in time',
  ETIMEDOUT: 'It did not take the connection in time',
};

/** What the gateway noted: a status, the name of a fault, or a sentence of its own, which stays as it is. */
export function troubleWords(trouble: string): string {
  const [, status] = /^answered (\d{3})/.exec(trouble) ?? [];
  if (status !== undefined) return own(STATUSES, status) ?? inGeneral(status);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_TLS|^ERR_SSL/.test(trouble))
    return `Its certificate is not one to trust (${trouble})`;
  return own(FAULTS, trouble) ?? trouble.replace(/^not sent: /, 'Not sent: ');
}

function inGeneral(status: string): string {
  if (status.startsWith('3'))
    return `It answered with a redirect (${status}), which is not followed: name the new address`;
  if (status.startsWith('5')) return `It had a fault of its own (${status})`;
  return `It did not take the notice (${status})`;
}

const own = (words: { readonly [key: string]: string }, key: string): string | undefined =>
  Object.hasOwn(words, key) ? words[key] : undefined;
