import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebhookEndpoint } from '@countersign/sdk';
import { eventWords, nameOfPlace, standingOf, troubleWords } from './words.ts';

const place: WebhookEndpoint = {
  name: 'webhook:siem',
  configured: true,
  to: ['https://hooks.example.com'],
  events: [],
  waiting: 0,
  dead: 0,
  delivered: 0,
};

test('how a place stands: what is worse is said first', () => {
  const rows: readonly (readonly [Partial<WebhookEndpoint>, string])[] = [
    [{}, 'Nothing told yet'],
    [{ last_delivered_at: 1 }, 'Well'],
    [{ last_delivered_at: 1, failing_since: 2 }, 'Takes nothing'],
    [{ last_delivered_at: 1, failing_since: 2, gone_at: 3 }, 'Says that it is gone'],
    [{ configured: false, gone_at: 3 }, 'Not configured any more'],
  ];
  for (const [over, word] of rows) assert.equal(standingOf({ ...place, ...over }).word, word);
});

test('why it was not taken, in words; what nobody foresaw is said as the gateway said it', () => {
  const rows: readonly (readonly [trouble: string, words: RegExp])[] = [
    ['answered 401', /^It refused the notice \(401\): does it know the secret\?$/],
    ['answered 410: gone', /gone \(410\)/],
    ['answered 418', /^It did not take the notice \(418\)$/],
    ['answered 302; redirects are not followed', /redirect \(302\), which is not followed/],
    ['answered 503', /fault of its own \(503\)/],
    ['no answer in time', /^It did not answer in time$/],
    ['ECONNREFUSED', /^Nothing listens/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /certificate.*ERR_TLS_CERT_ALTNAME_INVALID/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /certificate/],
    [
      'not sent: hooks.test is at 10.0.0.1, a private address',
      /^Not sent: hooks\.test is at 10\.0\.0\.1, a private/,
    ],
    ['the proxy p:3128 answered 407: it wants other credentials', /^the proxy p:3128 answered 407/],
    ['constructor', /^constructor$/],
  ];
  for (const [trouble, words] of rows) assert.match(troubleWords(trouble), words);
});

test('names as people say them', () => {
  assert.equal(nameOfPlace('webhook:siem'), 'siem');
  assert.equal(nameOfPlace('callback:deployer'), 'Callbacks of deployer');
  assert.equal(eventWords('countersign.request.opened'), 'request opened');
  assert.equal(eventWords('callback'), 'request ended');
});
