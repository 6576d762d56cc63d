/** The whole gateway over HTTP, killed with -9 at the moments that matter, and with upstreams that fail in every way. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openLogSource } from '../../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../../gateway/src/audit/verify/verify.ts';
import { until } from '../../../gateway/testing/until.ts';
import { openSite, type Site } from './site.ts';
import type { Behaviour } from './upstream.ts';

describe('A20, A22: a whole gateway', () => {
  let site: Site;
  beforeEach(async () => {
    site = await openSite();
  });
  afterEach(() => site.close());

  const restart = async () => {
    await site.kill();
    await site.start();
  };
  const approve = async (id: string) => {
    const { requests } = site.people.bob;
    const { action_digest, rendered_digest } = await requests.show(id);
    return requests.review(id, { decision: 'approved', action_digest, rendered_digest });
  };
  const held = async (args: { readonly [name: string]: string }): Promise<string> => {
    const { request } = await site.call(args);
    assert.equal(request?.status, 'pending');
    return request?.id ?? '';
  };
  const executions = async (id: string) => (await site.people.bob.requests.show(id)).executions;
  const verifies = async () => {
    const { vkey, data_dir } = site.gateway;
    let report = await verifyLog({ source: openLogSource(`${data_dir}/log`), vkey });
    // The log follows the store within a second.
    await until('the log verifies', async () => {
      report = await verifyLog({ source: openLogSource(`${data_dir}/log`), vkey });
      return report.ok;
    });
    assert.deepEqual(report.findings, []);
  };

  it('killed while a call is held, and again once it is approved: it runs once, when asked again', async () => {
    const id = await held({ path: '/a' });
    await restart();
    await approve(id);
    await restart();
    assert.equal(site.upstream.calls.length, 0, 'approval alone runs nothing');
    const answer = await site.call({ path: '/a' });
    assert.match(answer.text, /written/);
    assert.equal(site.upstream.calls.length, 1);
    // Nobody waits for it to be written that the answer arrived; what is committed after it was written after it.
    await held({ path: '/between' });
    await restart();
    assert.notEqual(await held({ path: '/a' }), id);
    assert.equal(site.upstream.calls.length, 1);
    await verifies();
  });

  it('killed while the upstream works: the outcome is unknown, and nobody runs it again', async () => {
    const id = await held({ path: '/a' });
    await approve(id);
    site.upstream.behaves = 'hangs';
    const lost = site.call({ path: '/a' }).catch((error: unknown) => error);
    await until('it was called', () => site.upstream.calls.length === 1);
    await restart();
    await lost;
    assert.deepEqual(
      (await executions(id)).map(({ status }) => status),
      ['unknown'],
    );
    site.upstream.behaves = 'answers';
    for (let time = 0; time < 3; time += 1) assert.notEqual(await held({ path: '/a' }), id);
    assert.equal(site.upstream.calls.length, 1);
    await verifies();
  });

  const failing: readonly (readonly [Behaviour, RegExp])[] = [
    ['hangs', /^unknown$/],
    ['dies mid-answer', /^unknown$/],
    ['lies about the id', /^(unknown|failed)$/],
    ['speaks no JSON', /^(unknown|failed)$/],
  ];
  it('an upstream that hangs, dies or lies: recorded as what is known, and run once each', async () => {
    for (const [behaves, outcome] of failing) {
      site.upstream.behaves = behaves;
      site.upstream.calls.length = 0;
      const id = await held({ path: behaves });
      await approve(id);
      assert.equal((await site.call({ path: behaves })).isError, true, behaves);
      await until('it ended', async () => (await executions(id)).every(({ status }) => status !== 'started'));
      const [execution] = await executions(id);
      assert.match(execution?.status ?? '', outcome, behaves);
      await site.call({ path: behaves });
      assert.equal(site.upstream.calls.length, 1, behaves);
    }
    await verifies();
  });
});
