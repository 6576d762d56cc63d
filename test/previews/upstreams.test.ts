import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFixture } from '../../conformance/mcp/fixture/fixture.ts';
import { openPlace, previewed } from './place.ts';

const BEARER = ['upstream', 'bearer', 'of', 'this', 'test'].join('-');
const READER = 'test_simple_text';
const HELD = 'test_error_handling';

for (const era of ['modern', 'legacy'] as const)
  test(`an upstream over HTTP that speaks only the ${era} revision is read, with the gateway’s credential`, async () => {
    const fixture = await startFixture({ eras: [era], bearer: BEARER });
    const place = await openPlace({
      server: `url: "${fixture.url}"\n      bearer: env:UPSTREAM_TOKEN`,
      env: { UPSTREAM_TOKEN: BEARER },
      reads: [READER],
      previews: `
        ${HELD}: { call: ${READER} }`,
    });
    try {
      const bob = await place.signIn('bob');
      const id = await place.hold(HELD, {});
      const { preview } = await previewed(bob, id);
      assert.ok(preview?.state === 'shown', JSON.stringify(preview));
      assert.ok(preview.show === 'text' && preview.text.length > 0);
      assert.equal(fixture.journal.count({ method: 'tools/call', name: READER }), 1);
      assert.equal(fixture.journal.count({ method: 'tools/call', name: HELD }), 0);
    } finally {
      await place.close();
      await fixture.close();
    }
  });

test('an upstream that is gone is no preview, and the request waits as before', async () => {
  const fixture = await startFixture({ eras: ['legacy'] });
  const place = await openPlace({
    server: `url: "${fixture.url}"`,
    reads: [READER],
    previews: `
        ${HELD}: { call: ${READER} }`,
  });
  try {
    const bob = await place.signIn('bob');
    const id = await place.hold(HELD, {});
    await previewed(bob, id);
    await fixture.close();
    const deadline = Date.now() + 10_000;
    let asked = false;
    while (!asked && Date.now() < deadline)
      asked = await bob.requests.preview(id).then(
        () => true,
        () => new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 100)),
      );
    const { preview, status } = await previewed(bob, id, (now) => now?.state === 'none');
    assert.ok(preview?.state === 'none' && /upstream/.test(preview.why), JSON.stringify(preview));
    assert.equal(status, 'pending');
  } finally {
    await place.close();
    await fixture.close().catch(() => undefined);
  }
});
