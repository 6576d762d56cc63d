/** `countersign serve`: runs the gateway until it is told to stop. Log lines are JSON on standard error. */
import path from 'node:path';
import { pino } from 'pino';
import { addressWarnings } from '../config/address.ts';
import { keyAdvice } from '../config/agents.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { scimAdvice } from '../config/scim.ts';
import { ticketingAdvice } from '../config/ticketing/ticketing.ts';
import { type Gateway, startGateway } from '../main.ts';
import { readArguments } from './dispatch/arguments.ts';
import { endLeanStart } from './footprint.ts';
import { folded, hasColor, painter } from './output.ts';
import { COMMAND, EXIT, type Io, type Verb } from './verb.ts';

export const CONFIG_FILE = 'countersign.yaml';

export const verb: Verb = {
  about: 'Run the gateway',
  usage: `countersign serve [--config FILE]

  --config FILE   configuration (default: ./${CONFIG_FILE})

Log lines are JSON on standard error; COUNTERSIGN_LOG sets the level (default info).`,
  run: serve,
};

async function serve(args: readonly string[], io: Io): Promise<number> {
  const { values } = readArguments(args, { options: { config: { type: 'string' } } });
  const config_file = path.resolve(io.cwd, values.config ?? CONFIG_FILE);
  const config = loadConfig(config_file);
  const log = pino({ level: io.env['COUNTERSIGN_LOG'] ?? 'info' }, pino.destination({ fd: 2, sync: false }));
  const stopped = stopSignal();
  const gateway = await startGateway({ config, config_file, log, env: io.env });
  endLeanStart();
  io.stdout.write(greeting(gateway, config));
  warn(addressWarnings(config, Number(new URL(gateway.url).port)), io);
  const now = Date.now();
  warn(
    [
      ...keyAdvice(config.agents, now),
      ...scimAdvice(config.scim, now),
      ...ticketingAdvice(config.ticketing, now),
    ],
    io,
  );
  await writeFirstLinks(gateway, config, io);
  await stopped;
  await gateway.close();
  return EXIT.ok;
}

function greeting({ url, vkey }: Gateway, config: Config): string {
  const upstreams = Object.keys(config.upstreams).map((id) => `  ${config.public_url}/mcp/${id}`);
  return [
    `Countersign listens on ${url}`,
    upstreams.length === 0 ? 'No upstream is configured; add one under upstreams.' : 'Agents connect to:',
    ...upstreams,
    'People review at:',
    `  ${config.public_url}`,
    'Auditors keep this verifier key of the log:',
    `  ${vkey}`,
    '',
  ].join('\n');
}

/** On standard output with the greeting: standard error is for log lines. */
function warn(warnings: readonly string[], io: Io): void {
  const paint = painter(hasColor(io));
  for (const warning of warnings) {
    const rows = folded(`Warning: ${warning}.`, io);
    io.stdout.write(`${rows.map((row) => paint('alarm', row)).join('\n')}\n`);
  }
}

/** While nobody is signed in there is no way in: each person gets a one-time link, in a file only this user can read. */
async function writeFirstLinks(
  { nobody_signed_in, links }: Gateway,
  { people }: Config,
  io: Io,
): Promise<void> {
  if (!nobody_signed_in) return;
  const written: string[] = [];
  for (const [id, person] of Object.entries(people)) {
    const link = person.active ? await links.write(id, 'start') : undefined;
    if (link !== undefined) written.push(`  ${id}: ${link.path}`);
  }
  if (written.length === 0) return;
  io.stdout.write(
    [
      'Nobody is signed in. One-time sign-in links, good for ten minutes; hand each to its person:',
      ...written,
      `They sign in with it in a browser, or run: ${COMMAND} login --link-file FILE`,
      '',
    ].join('\n'),
  );
}

export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
