/** What a racer on another node does, at the moment it matters. Nothing here is shipped. */
import type { Store } from '../src/store/store.ts';

/** Has `meanwhile` happen once, just before the next command of this name is committed. */
export function beforeCommit(store: Store, name: string, meanwhile: () => Promise<void>): void {
  const { commit } = store;
  let happened = false;
  const raced: Store['commit'] = async (command) => {
    if (command.name === name && !happened) {
      happened = true;
      await meanwhile();
    }
    return commit.call(store, command);
  };
  Object.assign(store, { commit: raced });
}
