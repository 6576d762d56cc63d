import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { createFakePins } from '../../../../testing/mcp.ts';
import { waitToolName } from '../calls/wait-tool.ts';
import { CATALOG_FRESH_MS, Catalog, Generation } from './catalog.ts';
import { definitionOf, pinOf } from './pins.ts';

const tool = (name: string, description = ''): JsonObject => ({
  name,
  description,
  inputSchema: { type: 'object' },
});
const seen = (listed: JsonObject) => ({
  tool: String(listed['name']),
  pin: pinOf(definitionOf(listed)),
  definition: definitionOf(listed),
});

function setUp(trusting = true) {
  let now = 1_000_000;
  let fetches = 0;
  let pages: JsonObject[] = [{ tools: [tool('b'), tool('a')] }];
  const pins = createFakePins(trusting);
  const generation = new Generation();
  const catalog = (): Catalog => new Catalog({ upstream: 'u', pins, generation, now: () => now });
  const fetch = (cursor: string | undefined): Promise<JsonObject | undefined> => {
    fetches += 1;
    const page = pages[Number(cursor ?? 0)];
    return Promise.resolve(page);
  };
  return {
    catalog,
    fetch,
    pins,
    fetches: () => fetches,
    list: (next: JsonObject[]) => (pages = next),
    pass: (ms: number) => (now += ms),
  };
}

describe('the catalog', () => {
  it('asks before the first call, and not again while fresh', async () => {
    const { catalog, fetch, fetches, pass } = setUp();
    const own = catalog();
    assert.equal((await own.find('a', fetch))?.kind, 'accepted');
    assert.equal((await own.find('nope', fetch))?.kind, 'absent');
    assert.equal(fetches(), 1);
    pass(CATALOG_FRESH_MS);
    await own.find('a', fetch);
    assert.equal(fetches(), 2);
    own.invalidate();
    await own.find('a', fetch);
    assert.equal(fetches(), 3);
  });

  it('says which names are taken by accepted tools, and so what the tool that waits is called', async () => {
    const { catalog, fetch, list, pins } = setUp(false);
    pins.accept('u', seen(tool('approval_wait')));
    const own = catalog();
    assert.equal(waitToolName(own), 'countersign_approval_wait');
    list([{ tools: [tool('approval_wait', 'changed')] }]);
    await own.list(fetch);
    assert.deepEqual([own.accepts('approval_wait'), own.accepts('b')], [false, false]);
    assert.equal(waitToolName(own), 'approval_wait');
  });

  it('lists accepted tools only, by name, over all pages', async () => {
    const { catalog, fetch, list, pins } = setUp(false);
    list([{ tools: [tool('b')], nextCursor: '1', _meta: { x: 1 } }, { tools: [tool('a'), tool('new')] }]);
    for (const name of ['a', 'b']) pins.accept('u', seen(tool(name)));
    const listed = await catalog().list(fetch);
    assert.deepEqual(listed, { head: { _meta: { x: 1 } }, tools: [tool('a'), tool('b')] });
  });

  it('A9: quarantines a changed tool and a new one, for every session at once', async () => {
    const { catalog, fetch, list, pins } = setUp();
    const [mine, theirs] = [catalog(), catalog()];
    await mine.find('a', fetch);
    await theirs.find('a', fetch);
    list([{ tools: [tool('a', 'now evil'), tool('b'), tool('c')] }]);
    const trusting = pins.see;
    pins.see = () => Promise.resolve();
    await mine.list(fetch);
    assert.deepEqual(await theirs.find('a', fetch), {
      kind: 'quarantined',
      name: 'a',
      pin: seen(tool('a', 'now evil')).pin,
      changed: true,
    });
    assert.equal((await theirs.find('c', fetch))?.kind, 'quarantined');
    pins.see = trusting;
    pins.accept('u', seen(tool('a', 'now evil')));
    assert.equal((await theirs.find('a', fetch))?.kind, 'accepted');
  });

  it('a name listed twice with two meanings is neither', async () => {
    const { catalog, fetch, list } = setUp();
    const orders = [
      [tool('a'), tool('a', 'other')],
      [tool('a', 'other'), tool('a')],
      [tool('a'), tool('a', 'other'), tool('a')],
    ];
    for (const tools of orders) {
      list([{ tools }]);
      assert.equal((await catalog().find('a', fetch))?.kind, 'quarantined');
    }
  });

  it('knows nothing when the list cannot be had, or never ends', async () => {
    const { catalog, fetch, list } = setUp();
    list([]);
    assert.equal(await catalog().find('a', fetch), undefined);
    list([{ tools: [], nextCursor: '0' }]);
    assert.equal(await catalog().find('a', fetch), undefined);
  });
});
