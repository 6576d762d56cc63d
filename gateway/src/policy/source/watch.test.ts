import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../../testing/until.ts';
import { watchFile, watchFolder } from './watch.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-watch-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('one file is watched through writes and renames; its neighbours are not', async () => {
  const file = join(root, 'countersign.yaml');
  writeFileSync(file, '1');
  let [told, witnessed] = [0, 0];
  const stops = [watchFile(file, () => told++), watchFolder(root, () => witnessed++)];
  mkdirSync(join(root, 'data'));
  writeFileSync(join(root, 'data', 'store.db'), 'x');
  writeFileSync(join(root, 'other.yaml'), 'x');
  await until('something is told', () => witnessed > 0);
  assert.equal(told, 0);
  writeFileSync(file, '22');
  await until('something is told', () => told > 0);
  const before = told;
  writeFileSync(join(root, 'new'), '333');
  renameSync(join(root, 'new'), file);
  await until('something is told', () => told > before);
  for (const stop of stops) stop();
});

test('a steady stream of changes is told while it lasts', async () => {
  const folder = join(root, 'policy');
  mkdirSync(folder);
  let told = 0;
  const stop = watchFolder(folder, () => told++);
  for (let at = 0; told < 2; at++) {
    assert.ok(at < 5_000, 'put off without end');
    writeFileSync(join(folder, 'a.yaml'), String(at));
    await wait(4);
  }
  stop();
});

test('what is not there can be watched; it is told when it comes', async () => {
  const file = join(root, 'late.yaml');
  let told = 0;
  const stop = watchFile(file, () => told++);
  writeFileSync(file, '1');
  await until('something is told', () => told > 0);
  stop();
  assert.doesNotThrow(() => watchFolder(join(root, 'nowhere'), () => undefined)());
});
