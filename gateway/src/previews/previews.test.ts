import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Evaluation } from '@countersign/core';
import { createRig, evaluationOf, held, policyOf, type Rig, type RigOptions } from '../../testing/rig.ts';
import { until } from '../../testing/until.ts';
import { createSealer } from '../audit/sealer.ts';
import { createPreviewDoor } from '../enforce/preview.ts';
import { predicateOf } from '../history/told.ts';
import { loadRequest } from '../requests/load.ts';
import type { Previewer, PreviewRead } from './previewer.ts';
import { createPreviews } from './previews.ts';
import { newestShown, previewsOf } from './stored.ts';

const POLICY = policyOf({
  write_file: { then: 'require' },
  read_file: { then: 'allow' },
  secret_file: { then: 'deny' },
});

const ofUpstream = (evaluation: Evaluation, upstream: string): Evaluation => ({
  ...evaluation,
  facts: { ...evaluation.facts, scope: { ...evaluation.facts.scope, upstream } },
});

const { privateKey: private_key, publicKey: public_key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
/** With entries as they are, for what is read in them again. */
const SEALED: RigOptions = {
  sealer: async () => createSealer({ key: { kid: 'test', private_key, public_key } }),
};

type Given = {
  /** What the read asks for, and of which upstream. */
  readonly tool?: string;
  readonly upstream?: string;
  /** Called with the row as it is when the read is made. */
  readonly read?: (rig: Rig, status: string | undefined) => Promise<PreviewRead>;
  /** The tool that stands for connecting. */
  readonly opening?: string;
  readonly dry_run?: boolean;
  readonly rig?: RigOptions;
};

async function open({
  tool = 'read_file',
  upstream = 'files',
  read,
  opening = 'read_file',
  dry_run = false,
  rig: options,
}: Given = {}) {
  const rig = await createRig(POLICY, options);
  const reads: (string | undefined)[] = [];
  const previewer: Previewer = {
    any: true,
    plan: (principal, action) =>
      action.resource.id === 'write_file'
        ? {
            kind: 'plan',
            evaluation: ofUpstream(evaluationOf(principal, tool, { path: '/a' }), upstream),
            opening: evaluationOf(principal, opening, {}),
            show: 'text',
            dry_run,
            within_ms: 5_000,
            async read() {
              const [row] = await rig.store.read({ sql: 'SELECT status FROM previews', params: [] });
              const status = row === undefined ? undefined : String(row['status']);
              reads.push(status);
              return (await read?.(rig, status)) ?? { kind: 'read', text: 'what is there' };
            },
          }
        : undefined,
  };
  const previews = createPreviews({
    deps: rig.deps,
    door: createPreviewDoor(rig.deps),
    previewers: () => [previewer],
  });
  await previews.start();
  return {
    rig,
    reads,
    previews,
    hold: async (path: string): Promise<string> => held(await rig.call('write_file', { path })).id,
    async close() {
      await previews.close();
      await rig.close();
    },
  };
}

const ended = (rig: Rig, id: string) => async (): Promise<boolean> => {
  const [newest] = await previewsOf(rig.store, id);
  return newest !== undefined && newest.status !== 'started';
};

describe('previews', () => {
  test('what was read stays shown while something else is said of its request', async (t) => {
    const place = await open();
    try {
      const { rig, previews } = place;
      const id = await place.hold('/a');
      await until('it ended', ended(rig, id));
      const state = async () => {
        const stored = await loadRequest(rig.store, id);
        return stored && (await previews.of(stored, 'bob'))?.state;
      };
      await until('it is shown', async () => (await state()) === 'shown');
      // Somebody answered, and it is open still: whether there is anything to read takes a moment to look up.
      const looked = Promise.withResolvers<void>();
      const { read } = rig.store;
      const requests = t.mock.method(rig.store, 'read', async (query: Parameters<typeof read>[0]) => {
        if (requests.mock.callCount() === 0) await looked.promise;
        return read(query);
      });
      rig.deps.bus.publish({ request_id: id, status: 'pending', at: rig.deps.now() });
      assert.equal(await state(), 'shown');
      looked.resolve();
      assert.equal(requests.mock.callCount() > 1, true);
    } finally {
      await place.close();
    }
  });

  test('I2: the read is on the record, begun, before it is made; and its end after', async () => {
    const place = await open();
    try {
      const id = await place.hold('/a');
      await until('it ended', ended(place.rig, id));
      assert.deepEqual(place.reads, ['started']);
      const entries = (await place.rig.entries()).filter(({ kind }) => kind === 'system');
      assert.equal(entries.length, 2);
      const [newest] = await previewsOf(place.rig.store, id);
      assert.equal(newest?.status, 'shown');
      assert.equal(await newestShown(place.rig.store, id), newest?.id);
    } finally {
      await place.close();
    }
  });

  test('I1: where its beginning cannot be stored, nothing is read, and the request is as it was', async () => {
    const place = await open({
      rig: {
        wrap: (store) => ({
          ...store,
          read: (query) => store.read(query),
          logSize: () => store.logSize(),
          onAppend: (listener) => store.onAppend(listener),
          close: () => store.close(),
          commit: (command) =>
            command.name === 'preview'
              ? Promise.reject(new Error('the disk is full'))
              : store.commit(command),
        }),
      },
    });
    try {
      const id = await place.hold('/a');
      await until('it says why there is none', async () => {
        const { preview } = await shownTo(place, id);
        return preview?.state === 'none' && preview.why === 'the gateway could not make it';
      });
      assert.deepEqual(place.reads, []);
      assert.equal((await place.rig.requests.show(id, 'bob'))?.status, 'pending');
    } finally {
      await place.close();
    }
  });

  test('an upstream that was not asked is not read for it', async () => {
    const place = await open({ upstream: 'others' });
    try {
      const id = await place.hold('/a');
      await until('it says why there is none', async () => {
        const { preview } = await shownTo(place, id);
        return preview?.state === 'none' && /another upstream/.test(preview.why);
      });
      assert.deepEqual(place.reads, []);
    } finally {
      await place.close();
    }
  });

  test('a rule that denies the read is obeyed', async () => {
    const place = await open({ tool: 'secret_file' });
    try {
      const id = await place.hold('/a');
      await until('it says why there is none', async () => {
        const { preview } = await shownTo(place, id);
        return preview?.state === 'none' && /denies this read/.test(preview.why);
      });
      assert.deepEqual([place.reads, await previewsOf(place.rig.store, id)], [[], []]);
    } finally {
      await place.close();
    }
  });

  test('a rule that denies the agent the upstream keeps its previews from it, too', async () => {
    const place = await open({ opening: 'secret_file' });
    try {
      const id = await place.hold('/a');
      await until('it says why there is none', async () => {
        const { preview } = await shownTo(place, id);
        return preview?.state === 'none' && /denies the agent this upstream/.test(preview.why);
      });
      assert.deepEqual([place.reads, await previewsOf(place.rig.store, id)], [[], []]);
    } finally {
      await place.close();
    }
  });

  test('A4: a no is on record with the preview it looked at, and with none it cannot have looked at', async () => {
    const place = await open({ rig: SEALED });
    try {
      const named = async (preview: string | undefined): Promise<unknown> => {
        const id = await place.hold(`/${preview}`);
        await until('it ended', ended(place.rig, id));
        const shown = await newestShown(place.rig.store, id);
        const outcome = await place.rig.answer(id, 'bob', {
          decision: 'denied',
          reason: 'no',
          preview: preview ?? shown ?? '',
        });
        assert.equal(outcome.kind, 'recorded');
        const [row] = await place.rig.store.read({
          sql: "SELECT envelope FROM entries WHERE request_id = $1 AND kind = 'review'",
          params: [id],
        });
        const said = predicateOf(String(row?.['envelope']))?.['preview'];
        return said === undefined ? undefined : said === shown;
      };
      assert.equal(await named(undefined), true);
      const another = await place.hold('/another');
      await until('it ended', ended(place.rig, another));
      assert.equal(await named(await newestShown(place.rig.store, another)), undefined);
      assert.equal(await named('prv_made_up'), undefined);
    } finally {
      await place.close();
    }
  });

  test('I7: what was read is for those who may review and for auditors; not for whoever answers for the agent', async () => {
    const reads: readonly PreviewRead[] = [
      { kind: 'read', text: 'what is there' },
      { kind: 'failed', why: 'it erred', said: 'what is there', sent: true },
    ];
    for (const read of reads) {
      const place = await open({ read: async () => read });
      try {
        const id = await place.hold('/a');
        await until('it ended', ended(place.rig, id));
        await until('it is made', async () => (await shownTo(place, id)).preview?.state !== 'making');
        const said = async (viewer: string): Promise<string> =>
          JSON.stringify(await shownTo(place, id, viewer));
        for (const viewer of ['bob', 'eve']) assert.match(await said(viewer), /what is there/);
        for (const viewer of ['alice', 'mallory', 'nobody']) {
          assert.doesNotMatch(await said(viewer), /what is there/);
          assert.match(await said(viewer), /"state":"none",.*"again":false/);
        }
      } finally {
        await place.close();
      }
    }
  });

  test('I8: decided under an authority that moved, it is decided again', async () => {
    let moved = false;
    const place = await open({
      rig: {
        wrap: (store) => ({
          ...store,
          read: (query) => store.read(query),
          logSize: () => store.logSize(),
          onAppend: (listener) => store.onAppend(listener),
          close: () => store.close(),
          async commit(command) {
            if (command.name === 'preview' && !moved) {
              moved = true;
              await change();
            }
            return store.commit(command);
          },
        }),
      },
    });
    const change = async (): Promise<void> => {
      await place.rig.change({
        policy: policyOf({ write_file: { then: 'require' }, read_file: { then: 'deny' } }, '2'),
      });
    };
    try {
      const id = await place.hold('/a');
      await until('it says why there is none', async () => {
        const { preview } = await shownTo(place, id);
        return preview?.state === 'none' && /denies this read/.test(preview.why);
      });
      assert.deepEqual(place.reads, []);
    } finally {
      await place.close();
    }
  });

  test('one that was under way when the gateway stopped is ended as unknown at the next start, and not made again', async () => {
    const never = Promise.withResolvers<PreviewRead>();
    const place = await open({ read: () => never.promise, dry_run: true, rig: SEALED });
    try {
      const id = await place.hold('/a');
      await until('it is being read', async () => place.reads.length === 1);
      const other = createPreviews({
        deps: place.rig.deps,
        door: createPreviewDoor(place.rig.deps),
        previewers: () => [],
      });
      await other.start();
      const [newest, ...older] = await previewsOf(place.rig.store, id);
      assert.deepEqual([newest?.status, older], ['unknown', []]);
      const told = (
        await place.rig.store.read({ sql: "SELECT envelope FROM entries WHERE kind = 'system'", params: [] })
      )
        .map(({ envelope }) => predicateOf(String(envelope)))
        .map((said) => [said?.['phase'], said?.['dry_run']]);
      assert.deepEqual(told, [
        ['started', true],
        ['result', true],
      ]);
      // The first one hears of it late: what is ended stays ended (I5).
      never.resolve({ kind: 'read', text: 'late' });
      await place.previews.close();
      assert.deepEqual(
        (await previewsOf(place.rig.store, id)).map(({ status }) => status),
        ['unknown'],
      );
      await other.close();
    } finally {
      never.resolve({ kind: 'read', text: 'late' });
      await place.close();
    }
  });

  test('two gateways on one store make one preview', async () => {
    const place = await open();
    try {
      const second = createPreviews({
        deps: place.rig.deps,
        door: createPreviewDoor(place.rig.deps),
        previewers: () => [
          {
            any: true,
            plan: (principal) => ({
              kind: 'plan',
              evaluation: evaluationOf(principal, 'read_file', {}),
              show: 'text',
              dry_run: false,
              within_ms: 5_000,
              read: async () => ({ kind: 'read', text: 'the other' }),
            }),
          },
        ],
      });
      await second.start();
      const id = await place.hold('/a');
      await until('it ended', ended(place.rig, id));
      await second.close();
      await place.previews.close();
      assert.equal((await previewsOf(place.rig.store, id)).length, 1);
    } finally {
      await place.close();
    }
  });
});

/** Bob may review. */
async function shownTo(place: Awaited<ReturnType<typeof open>>, id: string, viewer = 'bob') {
  const stored = await loadRequest(place.rig.store, id);
  assert.ok(stored !== undefined);
  return { preview: await place.previews.of(stored, viewer) };
}
