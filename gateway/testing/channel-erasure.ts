/**
 * What a channel whose messages can be changed owes an erased request: nothing of it is left there. Run beside the contract, by
 * every channel that erasure/outside.test.ts names as such.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Driver } from './driver.ts';
import { openReached } from './reaching.ts';
import { eventually } from './until.ts';

/** Words of the agent, in what it asked and as its reason for it, and of who answered. */
const WORDS = ['words-of-ada', 'reason-of-carol'] as const;

export function erasureContract(kind: string, start: () => Promise<Driver>): void {
  it(`${kind}: what stands there of a request that was erased says nothing of it any more`, async () => {
    const driver = await start();
    const { ask, card, rig, close } = await openReached({ driver });
    try {
      const request = await ask('write', { content: WORDS[0] });
      await driver.click('carol', await card(request, 'carol'), { decision: 'denied', reason: WORDS[1] });
      const { ref } = await card(request, 'bob', ({ text }) => WORDS.every((word) => text.includes(word)));
      const erased = await rig.requests.erase(request, 'alice', 'asked to');
      assert.equal(erased.kind, 'erased', JSON.stringify(erased));
      const posts = driver.posts();
      const left = async (): Promise<string> =>
        (await driver.seeCards('bob')).flatMap((seen) => (seen.ref === ref ? [seen.text] : [])).join('\n');
      let text = '';
      await eventually(
        () => `changed in place; it says ${text}`,
        async () => {
          text = await left();
          return text !== '' && !WORDS.some((word) => text.includes(word)) ? true : undefined;
        },
      );
      assert.match(text, /erased/);
      assert.match(text, /Denied/);
      assert.doesNotMatch(text, /srv/, 'nor the path it named');
      assert.equal(driver.posts(), posts, 'nobody is told anew');
    } finally {
      await close();
    }
  });
}
