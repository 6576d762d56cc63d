/** Tells the story in a process of its own, to be killed at one point. Arguments: the folder, and the fault as JSON. */
import { BEGINNING } from './aftermath.ts';
import { type Fault, watch } from './faulty-store.ts';
import { tell } from './story/story.ts';
import { openWorld } from './world.ts';

const [dir = '', fault = ''] = process.argv.slice(2);
const watched = watch(JSON.parse(fault) as Fault);
const world = await openWorld({ dir, start: BEGINNING, watched });
await tell(world);
await world.close();
// Still alive: the point was not reached. The parent says so.
