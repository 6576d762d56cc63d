/** What the acts of the demo are played with, and what they leave behind. Types alone. */
import type { Client } from '@countersign/sdk';
import type { Io } from '../verb.ts';
import type { Agent } from './agent.ts';
import type { Say } from './story.ts';
import type { World } from './world.ts';

export type Scene = {
  readonly say: Say;
  readonly io: Io;
  readonly world: World;
  readonly operator: Client;
  readonly reviewer: Client;
  readonly agent: Agent;
  /** By script. */
  readonly yes: boolean;
  /** An address of the console that signs the reviewer in first; it works once. */
  readonly linkTo: (path: string) => Promise<string>;
  /** Where its requests are shown beside the console and can be answered, in words; undefined where nowhere. */
  readonly cards: string | undefined;
  /** Whether addresses are opened in the browser of whoever sits here. */
  readonly opens: boolean;
};

/** A request that wants a signature, put before whoever signs. */
export type Signing = Pick<Scene, 'say' | 'io' | 'world' | 'operator'> & { readonly request_id: string };

/** Whose answer it was, and the passkeys the operator confirmed as theirs. */
export type Signer = { readonly person: string; readonly key_digests: readonly string[] };

export type Checks = readonly (readonly [what: string, holds: boolean])[];
