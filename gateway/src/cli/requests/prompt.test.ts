import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTerminal } from '../../../testing/terminal.ts';
import { canAsk, createPrompt } from './prompt.ts';

const AT_MOST = { timeout: 20_000 };

test(
  'news while a question stands are said, and the question asked again with what was typed',
  AT_MOST,
  async () => {
    const terminal = createTerminal();
    const prompt = createPrompt(terminal.io);
    const answer = prompt.ask('Well? ');
    await terminal.until('Well? ');
    terminal.type('de');
    await terminal.until('de');
    prompt.say('The connection is lost.');
    await terminal.until('\nThe connection is lost.\n');
    await terminal.until('Well? ');
    terminal.type('ny\r');
    assert.equal(await answer, 'deny');
    prompt.say('Connected again.');
    await terminal.until('Connected again.\n');
    prompt.close();
  },
);

test('an aborted question answers nothing, and leaves what is typed then to nobody', AT_MOST, async () => {
  const terminal = createTerminal();
  const prompt = createPrompt(terminal.io);
  const gone = new AbortController();
  const first = prompt.ask('First? ', gone.signal);
  await terminal.until('First? ');
  terminal.type('app');
  await terminal.until('app');
  gone.abort();
  assert.equal(await first, undefined);
  assert.equal(await prompt.ask('Gone? ', gone.signal), undefined);
  const second = prompt.ask('Second? ');
  await terminal.until('Second? ');
  terminal.type('no\r');
  assert.equal(await second, 'no');
  prompt.close();
  assert.equal(await prompt.ask('Closed? '), undefined);
  await prompt.ended;
});

test('asks only at a terminal', () => {
  assert.equal(canAsk(createTerminal().io), true);
  assert.equal(canAsk(createTerminal({ tty: false }).io), false);
});
