// `npm run town`: the populated gateway of the console's tests, to look at while working on it. Prints a link for each
// person and stays until it is stopped. With `--json` one line of JSON, for scripts.
import { live } from './past.ts';
import { openTown } from './town.ts';

const town = await openTown();
await live(town);
const people = ['olivia', 'omar', 'rita', 'raj', 'mei', 'ada'];
if (process.argv.includes('--json'))
  console.log(
    JSON.stringify({
      url: town.url,
      dir: town.dir,
      links: Object.fromEntries(
        await Promise.all(people.map(async (id) => [id, await town.link(id)] as const)),
      ),
    }),
  );
else {
  console.log(`The town’s gateway: ${town.url} (its files: ${town.dir})`);
  for (const id of people) console.log(`  ${id.padEnd(8)} ${await town.link(id)}`);
}
const stop = (): void => void town.close().then(() => process.exit(0));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
