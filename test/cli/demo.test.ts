// The demo as a whole process' worth of work: by script, and at a terminal by somebody without a browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { PROCESS_MS, until } from '../../gateway/testing/until.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/cli/main.ts', import.meta.url));

async function start(...words: string[]) {
  const args = [
    '--conditions=countersign-source',
    MAIN,
    'demo',
    ...words,
    '--port',
    String(await freePort()),
  ];
  const demo = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  demo.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += stripVTControlCharacters(String(text));
  });
  demo.stderr.setEncoding('utf8').on('data', (text) => {
    said.err += String(text);
  });
  return {
    demo,
    said,
    ended: once(demo, 'close').then(([code]) => code as number),
    says: (what: RegExp) =>
      until(
        () => `it says ${what}; it said:\n${said.out}${said.err}`,
        () => what.test(said.out),
        PROCESS_MS,
      ),
  };
}

describe('the demo', () => {
  it('by script: everything holds, and each step of who may decide is told', async () => {
    const { said, ended, demo } = await start('--yes');
    demo.stdin.end();
    assert.equal(await ended, EXIT.ok, said.out + said.err);
    for (const what of [
      'without the group in her token, Rita could not review',
      'with the group in her token, she could',
      'her session alone was refused',
      'a passkey nobody confirmed was refused',
      'nothing moved before she signed',
      'what was signed for happened',
      'both approved actions ran, each exactly once',
      'her signature verifies from the log, by her own key',
      'both receipts verify',
    ])
      assert.match(said.out, new RegExp(`proven   ${what}`));
    assert.doesNotMatch(said.out, /broken/);
    const widest = Math.max(...said.out.split('\n').map((line) => line.length));
    assert.ok(widest <= 80, `a line of ${widest} columns`);
    assert.equal(said.err, '');
  });

  it('at a terminal: a denial and a skipped act leave nothing done, and it goes on serving', async () => {
    const { demo, said, ended, says } = await start();
    try {
      await says(/approve \(type the word\)/);
      demo.stdin.write('deny\n');
      await says(/Why not\?/);
      demo.stdin.write('\n');
      await says(/Press Enter to skip/);
      demo.stdin.write('\n');
      await says(/Ctrl-C ends it/);
      assert.match(said.out, /denied {3}nothing ran/);
      assert.match(said.out, /withdrawn, and nothing moved/);
      assert.match(said.out, /Nothing was approved, so nothing ran/);
      assert.doesNotMatch(said.out, /broken/);
    } finally {
      demo.kill('SIGTERM');
    }
    assert.equal(await ended, EXIT.ok);
  });

  it('ends when nobody is at the terminal any more, wherever it is', async () => {
    const left = async (lines: readonly (readonly [RegExp, string])[], last: RegExp): Promise<void> => {
      const { demo, said, ended, says } = await start();
      try {
        for (const [what, typed] of lines) {
          await says(what);
          demo.stdin.write(typed);
        }
        await says(last);
      } finally {
        demo.stdin.end();
      }
      assert.equal(await ended, EXIT.no, said.err);
      assert.match(said.out, /nothing is decided without somebody at the terminal/);
      assert.equal(said.err, '');
    };
    const question = /approve \(type the word\)/;
    await left([], question);
    await left([[question, 'skip\n']], /Press Enter to skip/);
  });
});
