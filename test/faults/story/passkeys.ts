/** A chapter about a reviewer's own key: made, confirmed by somebody else, and taken back. */
import { createAuthenticator } from '../../../gateway/testing/authenticator.ts';
import { openKeyHouse } from '../../../gateway/testing/passkeys.ts';
import { insist } from '../world.ts';
import type { Chapter } from './chapter.ts';

export const keyComesAndGoes: Chapter = async ({ rig }) => {
  const { passkeys, person, enrol } = openKeyHouse(rig);
  const authenticator = createAuthenticator(rig.deps.public_url);
  await insist(() => enrol('bob', authenticator));
  const [bob, alice] = [person('bob'), person('alice')];
  // Whoever was not told that it was taken looks, as people do: another try with the same key is refused.
  const key = (await passkeys.list(bob)).find(
    ({ credential_id }) => credential_id === authenticator.credential_id,
  );
  if (key === undefined) return;
  await insist(() => passkeys.confirm(key.id, alice, key.key_digest));
  await insist(() => passkeys.revoke(key.id, bob));
};
