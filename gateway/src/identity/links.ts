/**
 * One-time sign-in links, handed over out of band: the link goes to a 0600 file on the gateway's host and never crosses
 * the network or the log. That it was made, for whom and by whom, is an entry: whoever can read the gateway's files is
 * trusted, and leaves a trace.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SignInLinks } from '../api/ports.ts';
import type { Deps } from '../deps.ts';
import { ulid } from '../ids.ts';
import type { Sessions } from './sessions.ts';
import { CODE_TTL_MS } from './sign-in.ts';

export type LinksDeps = Pick<Deps, 'events' | 'store' | 'authority' | 'now' | 'public_url'> & {
  readonly sessions: Sessions;
  readonly dir: string;
};

export function createSignInLinks({
  events,
  store,
  authority,
  now,
  public_url,
  sessions,
  dir,
}: LinksDeps): SignInLinks {
  return {
    async write(person, by) {
      const found = authority.current().directory.person(person);
      if (found === undefined || !found.active) return undefined;
      const at = now();
      const event = events.authorityChanged({
        kind: 'reviewer-key',
        at,
        task_id: `sign-in:${person}`,
        by,
        predicate: { change: 'sign-in link made', person },
      });
      // On the record first: a link nobody can account for must not exist.
      await store.commit({ name: 'sign-in-link', steps: [], entries: [event.entry] });
      event.committed();
      const code = await sessions.issueCode(person);
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const file = path.join(dir, `${person}.link`);
      // A new file every time: an older one may have been opened up, be open elsewhere, or be a link (A11).
      const draft = `${file}.${ulid(at)}.new`;
      await writeFile(draft, `${public_url}/sign-in#${code}\n`, { mode: 0o600, flag: 'wx' });
      await rename(draft, file);
      return { path: file, expires_at: at + CODE_TTL_MS };
    },
  };
}
