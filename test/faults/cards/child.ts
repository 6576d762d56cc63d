/** Three requests are shown and answered in a process of its own, to be killed at one point. */
import { BEGINNING } from '../aftermath.ts';
import { type Fault, watch } from '../faulty-store.ts';
import { answeredThere, openReaching } from '../story/channels.ts';
import { openWorld } from '../world.ts';
import { FILES } from './aftermath.ts';

const [dir = '', fault = ''] = process.argv.slice(2);
const world = await openWorld({ dir, start: BEGINNING, watched: watch(JSON.parse(fault) as Fault) });
const reaching = await openReaching(world);
for (const file of FILES) await answeredThere(world, reaching, file);
await reaching.close();
await world.close();
// Still alive: the point was not reached. The parent says so.
