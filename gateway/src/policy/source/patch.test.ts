/** Patches as git takes them: applied to the old files they give the new ones, whatever the two were. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PolicyFile } from './files.ts';
import { diffLines } from './line-diff.ts';
import { diffFiles, patchOf } from './patch.ts';

const line = fc.constantFrom('a', 'b', 'c', 'version: 1', '', '  - x', '\r', '+', '-', '@@');
const text = fc
  .tuple(fc.array(line, { maxLength: 14 }), fc.boolean())
  .map(([lines, ended]) => lines.join('\n') + (ended && lines.length > 0 ? '\n' : ''));
const files = fc
  .dictionary(fc.constantFrom('a.yaml', 'b c.yaml', 'team/d.yaml'), text, { noNullPrototype: true })
  .map((named) => Object.entries(named).map(([name, body]): PolicyFile => ({ path: name, text: body })));

function write(dir: string, all: readonly PolicyFile[]): void {
  for (const each of all) {
    mkdirSync(path.dirname(path.join(dir, each.path)), { recursive: true });
    writeFileSync(path.join(dir, each.path), each.text);
  }
}
function read(dir: string): readonly PolicyFile[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ path: path.relative(dir, file), text: readFileSync(file, 'utf8') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
const sorted = (all: readonly PolicyFile[]) => all.toSorted((a, b) => (a.path < b.path ? -1 : 1));

/** `git apply` outside a repository, below a folder `policy`. */
function applied(before: readonly PolicyFile[], patch: string): readonly PolicyFile[] {
  const dir = mkdtempSync(path.join(tmpdir(), 'countersign-patch-'));
  try {
    mkdirSync(path.join(dir, 'policy'));
    write(path.join(dir, 'policy'), before);
    if (patch !== '')
      execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
        cwd: dir,
        input: patch,
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { ...process.env, GIT_CEILING_DIRECTORIES: dir },
      });
    mkdirSync(path.join(dir, 'policy'), { recursive: true });
    return read(path.join(dir, 'policy'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('a patch', () => {
  it('applied by git to the old files gives the new ones', () => {
    fc.assert(
      fc.property(files, files, (before, after) => {
        // A file without a byte is nothing a text patch can add or take away.
        const full = (all: readonly PolicyFile[]) => all.filter((each) => each.text !== '');
        const patch = patchOf(diffFiles(full(before), full(after)), 'policy');
        assert.deepEqual(applied(full(before), patch), sorted(full(after)));
      }),
      { numRuns: 60 },
    );
  });

  it('is empty between equal files, and counts lines', () => {
    const one = [{ path: 'a.yaml', text: 'a\nb\nc\n' }];
    assert.deepEqual(diffFiles(one, one), []);
    const [changed] = diffFiles(one, [{ path: 'a.yaml', text: 'a\nx\nc\n' }]);
    assert.deepEqual(changed, {
      path: 'a.yaml',
      change: 'changed',
      lines_added: 1,
      lines_removed: 1,
      hunks: ['@@ -1,3 +1,3 @@', ' a', '-b', '+x', ' c'],
    });
    assert.deepEqual(
      diffFiles(one, []).map(({ change, lines_removed }) => [change, lines_removed]),
      [['removed', 3]],
    );
  });
});

describe('the lines between two texts', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 });
  it('lead from one to the other, and keep as much as can be kept', () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const edits = diffLines(a, b);
        assert.deepEqual(
          edits.filter(({ kind }) => kind !== 'new').map((edit) => edit.line),
          a,
        );
        assert.deepEqual(
          edits.filter(({ kind }) => kind !== 'gone').map((edit) => edit.line),
          b,
        );
        assert.equal(edits.filter(({ kind }) => kind === 'same').length, longestCommon(a, b));
      }),
    );
  });

  it('I15: are found in bounded time, however far apart the texts are', () => {
    const a = Array.from({ length: 60_000 }, (_, n) => `a${n}`);
    const b = Array.from({ length: 60_000 }, (_, n) => `b${n}`);
    assert.equal(diffLines(a, b).length, 120_000);
  });
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    for (const [at, y] of b.entries())
      next.push(x === y ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}
