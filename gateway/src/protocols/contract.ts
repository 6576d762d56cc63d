/**
 * What every protocol owes the door, whatever it speaks: a refused action never reaches the upstream, not one byte
 * (I1); a permit is asked before anything is sent (I2) and ended exactly once; nobody's action runs for a caller that
 * left. A protocol joins by writing a {@link Harness}; it is never told which case is run.
 */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { FakeDoor, type FakeDoorOptions } from '../../testing/fake-door.ts';

export type Running = {
  /** Sends one action and resolves with what the caller was told, as text. */
  act(): Promise<string>;
  /** Sends one action and hangs up at once when `leave` is called. */
  actAndLeave(): { readonly done: Promise<unknown>; leave(): void };
  /** How many actions the upstream has seen so far, whole or in part: opening and listing are not actions. */
  reached(): number;
  close(): Promise<void>;
};

export type Harness = (door: FakeDoor) => Promise<Running>;

const isAction = (name: string): boolean => name !== 'session.open';

export function protocolContract(name: string, start: Harness): void {
  describe(`${name}: what every protocol owes the door`, () => {
    const open: Running[] = [];
    const begin = async (options: FakeDoorOptions): Promise<{ door: FakeDoor; running: Running }> => {
      const door = new FakeDoor(options);
      const running = await start(door);
      open.push(running);
      return { door, running };
    };
    afterEach(async () => {
      for (const running of open.splice(0)) await running.close();
    });

    it('runs what is permitted, once, and ends its permit once', async () => {
      const { door, running } = await begin({});
      await running.act();
      assert.equal(running.reached(), 1);
      await door.until(() => door.unfinished().length === 0, 'every permit ended');
      assert.equal(door.actions.length, 1);
    });

    it('sends not one byte of a refused action, and opens nothing that was refused', async () => {
      const { door, running } = await begin({
        decide: ({ action }) => (isAction(action.name) ? 'deny' : 'allow'),
      });
      assert.match(await running.act(), /policy_denied/);
      door.decide = () => 'deny';
      door.epoch += 1;
      assert.match(await running.act(), /policy_denied/);
      assert.equal(running.reached(), 0);
      assert.deepEqual(door.unfinished(), []);
    });

    it('refuses when the door itself breaks', async () => {
      const { door, running } = await begin({});
      await running.act();
      door.decide = () => {
        throw new Error('the store is gone');
      };
      await running.act();
      assert.equal(running.reached(), 1);
    });

    for (const status of ['denied', 'expired', 'cancelled', 'failed'] as const) {
      it(`runs nothing of a held action that is ${status}`, async () => {
        const { door, running } = await begin({
          decide: ({ action }) => (isAction(action.name) ? 'require' : 'allow'),
        });
        const told = running.act();
        await door.until(() => door.pending.length === 1, 'held');
        assert.equal(running.reached(), 0);
        door.resolve(door.pending[0]?.id ?? '', status);
        assert.match(await told, /[Nn]othing was run/);
        assert.equal(running.reached(), 0);
      });
    }

    it('runs a held action once it is approved, from what was approved', async () => {
      const { door, running } = await begin({
        decide: ({ action }) => (isAction(action.name) ? 'require' : 'allow'),
      });
      const told = running.act();
      await door.until(() => door.pending.length === 1, 'held');
      door.resolve(door.pending[0]?.id ?? '', 'approved');
      await told;
      assert.equal(running.reached(), 1);
      await door.until(() => door.unfinished().length === 0, 'every permit ended');
      assert.equal(door.actions[0]?.held, true);
    });

    it('runs nothing for a caller that left while held; the identical retry redeems it', async () => {
      const { door, running } = await begin({
        decide: ({ action }) => (isAction(action.name) ? 'require' : 'allow'),
      });
      const call = running.actAndLeave();
      call.done.catch(() => undefined);
      await door.until(() => door.waiting === 1, 'held');
      call.leave();
      await door.until(() => door.waiting === 0, 'the caller is known to have left');
      door.resolve(door.pending[0]?.id ?? '', 'approved');
      assert.equal(door.actions.length, 0);
      assert.equal(running.reached(), 0);
      await running.act();
      assert.equal(running.reached(), 1);
      assert.deepEqual(door.unfinished(), []);
    });
  });
}
