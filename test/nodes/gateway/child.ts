/** A whole gateway on a store that others share, in a process of its own. Arguments: the configuration, the keeper's socket. */
import { loadConfig } from '../../../gateway/src/config/config.ts';
import { startGateway } from '../../../gateway/src/main.ts';
import { remoteStore } from '../keeper/remote.ts';

const [config_file = '', socket_path = ''] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const gateway = await startGateway({
  config: loadConfig(config_file),
  config_file,
  log: silent,
  env: process.env,
  open_store: remoteStore(socket_path),
});
const { url, vkey } = gateway;
const codes = {
  alice: await gateway.sessions.issueCode('alice'),
  bob: await gateway.sessions.issueCode('bob'),
};
console.log(JSON.stringify({ url, vkey, codes }));
