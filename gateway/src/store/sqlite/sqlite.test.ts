import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import { chmod, copyFile, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { command, entry, put, storeContract } from '../contract.ts';
import { StoreRefused, StoreUnavailable } from '../store.ts';
import { openSqliteStore } from './sqlite.ts';

async function folder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'countersign-store-'));
}
async function folderOf(t: TestContext): Promise<string> {
  const made = await folder();
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

storeContract({
  name: 'sqlite',
  place: async () => {
    const made = await folder();
    return {
      open: (limits) => openSqliteStore({ path: join(made, 'store.db'), ...limits }),
      remove: () => rm(made, { recursive: true, force: true }),
    };
  },
});

describe('sqlite: opening', () => {
  it('refuses a second gateway on the same file, in this process and in another', async (t) => {
    const path = join(await folderOf(t), 'store.db');
    const store = await openSqliteStore({ path });
    await assert.rejects(openSqliteStore({ path }), /another gateway has this store open/);
    const child = spawn(process.execPath, [...process.execArgv, committing, path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = createInterface({ input: child.stderr });
    const [line] = await once(said, 'line');
    assert.match(String(line), /another gateway has this store open/);
    await once(child, 'close');
    await store.close();
    await (await openSqliteStore({ path })).close();
  });

  it('keeps files to their owner, and refuses a folder others may write', {
    skip: process.platform === 'win32',
  }, async (t) => {
    const at = join(await folderOf(t), 'data');
    const store = await openSqliteStore({ path: join(at, 'store.db') });
    await store.commit(command([put('a', 'b')]));
    assert.equal((await stat(at)).mode & 0o777, 0o700);
    for (const file of await readdir(at))
      assert.equal((await stat(join(at, file))).mode & 0o777, 0o600, file);
    await store.close();
    await chmod(at, 0o777);
    await assert.rejects(
      openSqliteStore({ path: join(at, 'store.db') }),
      /others may write here .* chmod 700/,
    );
  });

  const edits: readonly (readonly [string, string, RegExp])[] = [
    [
      'a newer store',
      "INSERT INTO migrations VALUES (99, 'later', 'sha256:x', 0)",
      /at version 99 \(later\), this build knows up to \d+/,
    ],
    [
      'an edited migration',
      "UPDATE migrations SET digest = 'sha256:other' WHERE version = 1",
      /migration 1 \(first\) is not the text/,
    ],
  ];
  for (const [what, sql, want] of edits) {
    it(`refuses ${what} by name`, async (t) => {
      const path = join(await folderOf(t), 'store.db');
      await (await openSqliteStore({ path })).close();
      const db = new DatabaseSync(path);
      db.exec(sql);
      db.close();
      await assert.rejects(
        openSqliteStore({ path }),
        (error) => error instanceof StoreUnavailable && want.test(error.message),
      );
    });
  }

  it('refuses a file that is no store', async (t) => {
    const path = join(await folderOf(t), 'store.db');
    await copyFile(process.execPath, path);
    await truncate(path, 65_536);
    await assert.rejects(openSqliteStore({ path }), /not a database/);
  });
});

const committing = fileURLToPath(new URL('./testdata/committing.ts', import.meta.url));

/** What a killed child had been told was committed, and in how many goes. */
async function killWhileCommitting(path: string, acks_min: number): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, committing, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acked = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acked = Number(line);
    if (acked >= acks_min) child.kill('SIGKILL');
  }
  return acked;
}

describe('sqlite: dying', () => {
  it('has everything it acknowledged after kill -9, with a dense log, again and again (A20)', async (t) => {
    const path = join(await folderOf(t), 'store.db');
    let size = 0;
    for (const more of [1, 40, 300, 900]) {
      const acked = await killWhileCommitting(path, size + more);
      const store = await openSqliteStore({ path });
      t.after(() => store.close());
      size = await store.logSize();
      assert.ok(size >= acked, `${acked} acknowledged, ${size} there`);
      const [row] = await store.read({
        sql: "SELECT COUNT(*) AS n, MAX(leaf_index) AS top, (SELECT COUNT(*) FROM meta WHERE name LIKE 'n%') AS states FROM entries",
        params: [],
      });
      assert.deepEqual({ ...row }, { n: size, top: size - 1, states: size });
      await store.close();
    }
  });

  it('has everything acknowledged so far in a copy of its files, on either side of a checkpoint', async (t) => {
    const at = await folderOf(t);
    const path = join(at, 'store.db');
    const store = await openSqliteStore({ path });
    t.after(() => store.close());
    for (let n = 0; n < 240; n += 1) {
      await store.commit(command([put(`k${n}`, 'x'.repeat(60_000))], [entry(`copy-${n}`)]));
      if (n % 48 !== 0) continue;
      const copy = join(at, `copy-${n}.db`);
      await copyFile(path, copy);
      await copyFile(`${path}-wal`, `${copy}-wal`);
      const restored = await openSqliteStore({ path: copy });
      assert.equal(await restored.logSize(), n + 1);
      await restored.close();
    }
    assert.ok(
      (await stat(path)).size > 1_000_000,
      'no checkpoint happened, so only one side of one was tried',
    );
  });
});

describe('sqlite: what nobody waits for', () => {
  const unhurried = (n: number) => ({
    ...command([put(`u${n}`, 'x')], [entry(`unhurried-${n}`)]),
    unhurried: true as const,
  });

  it('is stored though nobody else comes, in order with those who do, and before it closes', async (t) => {
    const path = join(await folderOf(t), 'store.db');
    const store = await openSqliteStore({ path });
    assert.deepEqual(await store.commit(unhurried(0)), { ok: true, first_leaf: 0 });
    const first = store.commit(unhurried(1));
    await turn(); // with the writer by now, which has begun it
    const others = [store.commit(unhurried(2)), store.commit(command([put('now', 'x')], [entry('now')]))];
    assert.deepEqual(
      (await Promise.all([first, ...others])).map((outcome) => outcome.ok && outcome.first_leaf),
      [1, 2, 3],
    );
    const last = store.commit(unhurried(3));
    await turn();
    await store.close();
    assert.deepEqual(await last, { ok: true, first_leaf: 4 });
    const again = await openSqliteStore({ path });
    t.after(() => again.close());
    assert.equal(await again.logSize(), 5);
  });
});

describe('sqlite: signing', () => {
  const unsigned = (n: number) => ({
    event_id: `unsigned-${n}`,
    kind: 'system',
    occurred_at: 1,
    statement: `{"n":${n}}`,
    terms: {},
  });

  it('signs what comes unsigned, in whichever thread has time, and every entry verifies', async (t) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const store = await openSqliteStore({ path: join(await folderOf(t), 'store.db'), entry_key: privateKey });
    t.after(() => store.close());
    await Promise.all(Array.from({ length: 100 }, (_, n) => store.commit(command([], [unsigned(n)]))));
    const rows = await store.read({ sql: 'SELECT event_id, envelope, leaf FROM entries', params: [] });
    assert.equal(rows.length, 100);
    const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    for (const row of rows) {
      const envelope = JSON.parse(String(row['envelope'])) as {
        payload: string;
        signatures: [{ sig: string }];
      };
      const payload = Buffer.from(envelope.payload, 'base64');
      assert.equal(`unsigned-${(JSON.parse(String(payload)) as { n: number }).n}`, row['event_id']);
      const head = `DSSEv1 28 application/vnd.in-toto+json ${payload.length} `;
      const signature = Buffer.from(envelope.signatures[0].sig, 'base64');
      assert.ok(verify('sha256', Buffer.concat([Buffer.from(head), payload]), publicKey, signature));
      assert.ok(
        String(row['leaf']).includes(envelope.signatures[0].sig) && String(row['leaf']).includes(spki),
      );
    }
  });

  it('refuses an unsigned entry when it was given no key', async (t) => {
    const store = await openSqliteStore({ path: join(await folderOf(t), 'store.db') });
    t.after(() => store.close());
    await assert.rejects(store.commit(command([put('with', 'it')], [unsigned(1)])), StoreRefused);
    assert.equal(await store.logSize(), 0);
  });
});
