// What people paste: the gateway's own address, the right header, and no key where a file would keep it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SETUPS } from './clients.ts';

const TO = { origin: 'https://gate.example.com', upstream: 'order-files' };
const JSON_SETUPS = ['cursor', 'vs-code', 'stdio'];

describe('how an agent is pointed at the gateway', () => {
  for (const { id, text } of SETUPS) {
    it(`${id}: names the address and says how to show the key`, () => {
      assert.match(text(TO), /https:\/\/gate\.example\.com/);
      assert.match(text(TO), /order-files/);
      assert.match(text(TO), /Bearer|COUNTERSIGN_AGENT_KEY/);
    });
    if (JSON_SETUPS.includes(id)) it(`${id}: is JSON`, () => assert.doesNotThrow(() => JSON.parse(text(TO))));
  }

  it('programs name what YAML allows and a language does not', () => {
    for (const id of ['openai-python', 'openai-js'])
      assert.match(SETUPS.find((each) => each.id === id)?.text(TO) ?? '', /\border_files\b/);
  });

  it('a key made on the page stands where it is used at once; editors that ask for it are let ask', () => {
    const key = `cs_agent_${'k'.repeat(43)}`;
    const holds = SETUPS.filter(({ text }) => text({ ...TO, key }).includes(key)).map(({ id }) => id);
    assert.deepEqual(holds, ['claude-code', 'cursor', 'stdio']);
  });
});
