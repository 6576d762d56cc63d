/** One thing that must hold, checked from outside. Returns what it found wrong; it must never mend anything. */
import type { Seen } from '../outside.ts';
import type { World } from '../world.ts';

export type Check = (world: World, seen: Seen) => Promise<readonly string[]>;
