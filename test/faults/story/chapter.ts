/** One stretch of the story, told to a gateway whose store may fail at any word of it. */
import type { World } from '../world.ts';

export type Chapter = (world: World) => Promise<void>;
