import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { keyOf, newSecret, signedHeaders } from './sign.ts';

/** The vector of the specification's reference libraries. */
const VECTOR = {
  secret: ['whsec', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'].join('_'),
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at_ms: 1_614_265_330_000,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

test('the published vector', () => {
  const { secret, id, at_ms, body, signature } = VECTOR;
  assert.deepEqual(signedHeaders(body, { id, at_ms, keys: [keyOf(secret, 'secret')] }), {
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': signature,
  });
});

test('the project’s own library takes every signature, under each of the secrets, and none of a changed body', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uuid(), (body, id) => {
      const secrets = [newSecret(), newSecret()];
      const keys = secrets.map((secret) => keyOf(secret, 'secret'));
      const headers = { ...signedHeaders(JSON.stringify({ body }), { id, at_ms: Date.now(), keys }) };
      for (const secret of secrets) {
        new Webhook(secret).verify(JSON.stringify({ body }), headers);
        assert.throws(() => new Webhook(secret).verify(JSON.stringify({ body: `${body}!` }), headers));
      }
      assert.throws(() => new Webhook(newSecret()).verify(JSON.stringify({ body }), headers));
    }),
    { numRuns: 30 },
  );
});

test('what is no secret is refused with the field’s name, and is not repeated', () => {
  const short = Buffer.alloc(23, 1).toString('base64');
  const long = Buffer.alloc(65, 1).toString('base64');
  for (const secret of [
    '',
    'hunter2hunter2hunter2hunter2',
    'whsec_',
    'whsec_%%%',
    `whsec_${short}`,
    `whsec_${long}`,
  ])
    assert.throws(
      () => keyOf(secret, 'channels.webhooks.siem.secret'),
      (error: Error) =>
        error.message.startsWith('channels.webhooks.siem.secret: must be whsec_') &&
        (secret.length < 8 || !error.message.includes(secret)),
      secret,
    );
});
