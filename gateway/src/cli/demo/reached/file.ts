/**
 * The demo with services of one's own: where its requests are shown is read from a file, exactly as a gateway's
 * configuration is, and faults in it are told as `countersign check` tells them. Nothing else is taken from that file: people,
 * agents and policy are the demo's, so that a trial never touches anything real.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type ChannelsConfig, kindsOf } from '../../../channels/config.ts';
import { parseConfig } from '../../../config/config.ts';
import { SECRET_REF } from '../../../config/secrets.ts';
import { ConfigError, type ConfigSource, readConfigSource } from '../../../config/source.ts';

export type OwnChannels = {
  /** As it was written on the command line. */
  readonly name: string;
  /** How the services and people reach the demo; undefined when the file does not say. */
  readonly public_url: string | undefined;
  /** The section as it is to stand in the demo's configuration, which is in another folder. */
  readonly section: unknown;
  readonly config: ChannelsConfig;
};

const TAKEN: readonly string[] = ['channels', 'public_url'];

/** @throws ConfigError with every problem found, each with its line */
export function readChannels(name: string, cwd: string): OwnChannels {
  const file = path.resolve(cwd, name);
  if (!existsSync(file))
    throw new ConfigError([
      { file, line: 0, key: '', message: 'there is no such file; docs/slack.md and docs/teams.md show one' },
    ]);
  const source = readConfigSource(file);
  const { channels, public_url } = parseConfig(source);
  const written = onlyTaken(source);
  return {
    name,
    public_url: written.has('public_url') ? public_url.replace(/\/+$/, '') : undefined,
    section: referring(written.get('channels'), path.dirname(file)),
    config: channels,
  };
}

/** Sound by itself: what does not belong is told with its line, so that nobody believes it counts here. */
function onlyTaken(source: ConfigSource): ReadonlyMap<string, unknown> {
  const written = new Map(Object.entries((source.value ?? {}) as { readonly [key: string]: unknown }));
  const { file } = source;
  const problems = [...written.keys()]
    .filter((key) => !TAKEN.includes(key))
    .map((key) => ({
      file,
      line: source.lineOf([key]),
      key,
      message:
        'counts for nothing in the demo, which has its own; leave channels, and public_url if it is needed',
    }));
  if (!written.has('channels'))
    problems.push({
      file,
      line: 0,
      key: 'channels',
      message: 'is missing; docs/slack.md and docs/teams.md show one',
    });
  if (problems.length > 0) throw new ConfigError(problems);
  return written;
}

/** Secrets in files are meant from the folder of the file that names them. */
function referring(value: unknown, folder: string): unknown {
  if (typeof value === 'string')
    return SECRET_REF.test(value) && value.startsWith('file:')
      ? `file:${path.resolve(folder, value.slice('file:'.length))}`
      : value;
  if (Array.isArray(value)) return value.map((each) => referring(each, folder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, referring(each, folder)]));
}

/** Services somebody can answer from; the others only tell. */
const ANSWERING = ['slack', 'teams'] as const;
export type Answering = (typeof ANSWERING)[number];

export const answeringOf = ({ config }: OwnChannels): readonly Answering[] => {
  const kinds = kindsOf(config);
  return ANSWERING.filter((kind) => kinds.includes(kind));
};

/** Of those, the ones that must reach this machine: with nothing but a local address they cannot. */
export const callingOf = ({ config: { slack, teams } }: OwnChannels): readonly Answering[] =>
  ANSWERING.filter((kind) => (kind === 'slack' ? slack?.signing_secret !== undefined : teams !== undefined));
