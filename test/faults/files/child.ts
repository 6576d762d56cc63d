/** Tells the story while files break. Arguments: the folder, and the fault as JSON. Prints how many changes it made. */
import { BEGINNING } from '../aftermath.ts';
import { watch } from '../faulty-store.ts';
import { tell } from '../story/story.ts';
import { openWorld, type World } from '../world.ts';
import { breakFiles, type FileFault } from './breaking.ts';

const [dir = '', fault = ''] = process.argv.slice(2);
const count = await breakFiles(JSON.parse(fault) as FileFault);

/** So many that a tile fills up while the log is open. */
const fill = (world: World): Promise<unknown> =>
  Promise.all(Array.from({ length: 200 }, () => world.call('shell', {})));

// A gateway that cannot write its keys does not start; one that cannot write its log goes on and says so.
const world = await openWorld({ dir, start: BEGINNING, watched: watch() });
await fill(world);
await world.audit.flush();
await tell(world).catch((error: unknown) => {
  if (!String(error).includes('EIO')) throw error;
});
await world.close();
console.log(count());
