import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { jwks, openKeys } from './keys.ts';

const skip = process.platform === 'win32' && 'Windows has no file modes';
function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'keys');
}

describe('keys', () => {
  it('are made once, different for each purpose, and the same after a restart', (t) => {
    const folder = folderOf(t);
    const made = openKeys(folder, 'gate.example/log');
    const again = openKeys(folder, 'gate.example/log');
    assert.equal(again.entry.current.kid, made.entry.current.kid);
    assert.equal(again.token.current.kid, made.token.current.kid);
    assert.equal(again.log.vkey, made.log.vkey);
    assert.deepEqual(again.installation, made.installation);
    assert.notEqual(made.entry.current.kid, made.token.current.kid);
    assert.match(made.log.vkey, /^gate\.example\/log\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/);
  });

  it('are readable by their owner only', { skip }, (t) => {
    const folder = folderOf(t);
    openKeys(folder, 'gate.example/log');
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const files = readdirSync(folder);
    assert.deepEqual(files.sort(), ['entry.pem', 'installation.key', 'log.pem', 'token.pem']);
    for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
  });

  for (const file of ['entry.pem', 'log.pem', 'token.pem', 'installation.key']) {
    it(`are refused when others may read them: ${file}`, { skip }, (t) => {
      const folder = folderOf(t);
      openKeys(folder, 'gate.example/log');
      chmodSync(join(folder, file), 0o640);
      assert.throws(() => openKeys(folder, 'gate.example/log'), new RegExp(`${file}.*mode 640.*chmod 600`));
    });
    it(`are refused when they are not keys, and never replaced: ${file}`, (t) => {
      const folder = folderOf(t);
      openKeys(folder, 'gate.example/log');
      writeFileSync(join(folder, file), 'nonsense');
      assert.throws(() => openKeys(folder, 'gate.example/log'), new RegExp(`${file}.*restore it`));
      assert.equal(readFileSync(join(folder, file), 'utf8'), 'nonsense');
    });
  }

  it('publish public halves only, current and previous', (t) => {
    const folder = folderOf(t);
    const old = openKeys(folder, 'gate.example/log').token.current;
    writeFileSync(
      join(folder, 'token.2025.pub.pem'),
      old.public_key.export({ type: 'spki', format: 'pem' }),
      { mode: 0o600 },
    );
    rmSync(join(folder, 'token.pem'));
    const keys = openKeys(folder, 'gate.example/log');
    const published = jwks(keys);
    assert.deepEqual(
      published.keys.map((key) => 'kid' in key && key.kid),
      [keys.token.current.kid, old.kid, keys.entry.current.kid],
    );
    assert.ok(!/"(d|k|p|q)":/.test(JSON.stringify(published)));
  });
});
