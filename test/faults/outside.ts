/**
 * What the world outside the gateway saw: bytes that reached an upstream, and words the gateway gave. Appended to a file
 * at once, so that it outlives `kill -9`; the gateway never reads it. Only what stands here can be held against it.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Something the gateway said, and so must stand by after any crash (I10). */
export type Word =
  | { readonly said: 'permitted'; readonly execution_id: string }
  | { readonly said: 'request'; readonly request_id: string; readonly status: string }
  | {
      readonly said: 'reviewed';
      readonly event_id: string;
      readonly request_id: string;
      readonly reviewer: string;
    }
  | { readonly said: 'revoked'; readonly approval_id: string }
  | { readonly said: 'glass'; readonly glass_id: string; readonly status: 'open' | 'closed' }
  | { readonly said: 'erased'; readonly request_id: string }
  | { readonly said: 'epoch'; readonly epoch: number }
  | { readonly said: 'signed-in'; readonly session: string }
  | { readonly said: 'signed-out'; readonly session: string }
  | { readonly said: 'accepted'; readonly tool: string; readonly pin: string }
  | { readonly said: 'kept'; readonly key: string }
  | { readonly said: 'checkpoint'; readonly note: string };

/** A call that reached the upstream. */
export type Hit = { readonly hit: string; readonly execution_id: string; readonly approved: boolean };

type Line = Word | Hit;

export type Outside = {
  tell(word: Word): void;
  reached(hit: Hit): void;
};

const fileOf = (dir: string): string => path.join(dir, 'outside.jsonl');

export function openOutside(dir: string): Outside {
  const append = (line: Word | Hit): void => appendFileSync(fileOf(dir), `${JSON.stringify(line)}\n`);
  return { tell: append, reached: append };
}

export type Seen = { readonly words: readonly Word[]; readonly hits: readonly Hit[] };

export function readOutside(dir: string): Seen {
  const text = existsSync(fileOf(dir)) ? readFileSync(fileOf(dir), 'utf8') : '';
  const lines = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
  return {
    words: lines.filter((line) => 'said' in line),
    hits: lines.filter((line) => 'hit' in line),
  };
}
