/** A whole gateway in a process of its own, to be killed. Argument: the configuration file. Prints where it is, and codes to sign in with. */
import { openHouse } from '../../../gateway/src/cli/setup/house.ts';

const [config_file = ''] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const { gateway } = await openHouse(config_file, silent, process.env);
const codes = {
  alice: await gateway.sessions.issueCode('alice'),
  bob: await gateway.sessions.issueCode('bob'),
};
console.log(JSON.stringify({ url: gateway.url, vkey: gateway.vkey, data_dir: gateway.data_dir, codes }));
