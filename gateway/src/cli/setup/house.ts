/** A gateway started for set-up or the demo: quiet, on this machine only, driven over HTTP like any other. */
import { type Client, createClient } from '@countersign/sdk';
import { loadConfig } from '../../config/config.ts';
import type { Log } from '../../events.ts';
import { type Gateway, startGateway } from '../../main.ts';

export type House = {
  readonly gateway: Gateway;
  /** A client signed in as this person. */
  signIn(person: string): Promise<Client>;
};

/** Says warnings and errors; the rest is not for the eyes of somebody setting up. */
export const quietLog = (say: (line: string) => void): Log => ({
  info: () => undefined,
  warn: (fields, message) => say(`warning: ${message} ${JSON.stringify(fields)}`),
  error: (fields, message) => say(`error: ${message} ${JSON.stringify(fields)}`),
});

export async function openHouse(config_file: string, log: Log, env: NodeJS.ProcessEnv): Promise<House> {
  return houseOf(await startGateway({ config: loadConfig(config_file), config_file, log, env }));
}

/** On a free port of this machine: somebody else may hold the configured one while this gateway is only set up. */
export async function openHouseAnywhere(
  config_file: string,
  log: Log,
  env: NodeJS.ProcessEnv,
): Promise<House> {
  const read = loadConfig(config_file);
  const config = { ...read, listen: { ...read.listen, http: '127.0.0.1:0' } };
  return houseOf(await startGateway({ config, config_file, log, env }));
}

function houseOf(gateway: Gateway): House {
  return {
    gateway,
    async signIn(person) {
      const code = await gateway.sessions.issueCode(person);
      const { token } = await createClient({ url: gateway.url }).signIn({ code, kind: 'cli' });
      if (token === undefined) throw new TypeError('a command-line sign-in gave no token');
      return createClient({ url: gateway.url, token });
    },
  };
}
