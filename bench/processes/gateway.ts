/**
 * The gateway, whole, as a user has it: `countersign serve` of the built package, in a process and a folder of its own,
 * with policy, SQLite and its fsyncs, signing, the log and the API. Beside it in its process is only the probe.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOOTPRINT } from '../../gateway/src/cli/footprint.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import { builtCommand } from './built.ts';
import { type Process, talkTo } from './processes.ts';

const UPSTREAM = 'bench';
const REVIEWER = 'rita';
const OWNER = 'olaf';
const PENDING_MAX = 1000;

/** As an operator would write it: what is listed as reading runs, what is listed as writing asks one person. */
const POLICY = `version: 1
rules:
  - { id: open, about: opening the upstream, on: mcp, where: { class: session }, then: allow }
  - { id: read, about: reading runs freely, on: mcp, where: { class: read, resource: [echo] }, when: 'mcp.arg_bytes < 100000', then: allow }
  - id: write
    about: writing asks a person
    on: mcp
    where: { class: [write, destructive] }
    then: require
    approve: [{ by: "group:reviewers", count: 1 }]
    within: 30m
    valid: 5m
`;

/** What the probe in the gateway's process answers to. */
export type GatewayAnswers = {
  /** CPU so far of the main thread alone and of all threads, in microseconds; memory of the process, in bytes. */
  usage(): {
    readonly cpu_us: number;
    readonly all_us: number;
    readonly rss: number;
    /** The most it ever was. */
    readonly rss_most: number;
    readonly heap: number;
  };
  /** Writes what the main thread's heap holds to that file, and answers its name. */
  snapshot(file: string): string;
};

export type Gateway = Process<GatewayAnswers> & {
  readonly url: string;
  readonly upstream: string;
  /** One for each agent. */
  readonly keys: readonly string[];
  /** One-time sign-in codes. */
  readonly codes: {
    readonly owner: string;
    readonly reviewer: string;
    readonly viewers: readonly string[];
  };
};

export type GatewayOptions = {
  /** Where the upstream is. */
  readonly upstream: string;
  readonly agents: number;
  /** People beside the owner and the reviewer, who review nothing. */
  readonly viewers?: number;
  readonly node_options?: readonly string[];
};

/** Starts it, and resolves once it listens. Stopping it removes its folder. */
export async function startGateway({
  upstream,
  agents,
  viewers = 0,
  node_options = [],
}: GatewayOptions): Promise<Gateway> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const keys = Array.from({ length: agents }, () => makeCredential('agent'));
  const people = Array.from({ length: viewers }, (_, at) => `person-${at}`);
  const config_file = join(folder, 'countersign.yaml');
  await mkdir(join(folder, 'policy'));
  await writeFile(join(folder, 'policy', 'main.yaml'), POLICY);
  await writeFile(config_file, JSON.stringify(configOf(upstream, { keys, people }))); // JSON is YAML
  const child = fork(await builtCommand(), ['serve', '--config', config_file], {
    // What `serve` would begin anew with; the channel to the probe would not survive that.
    execArgv: [...FOOTPRINT.options, '--import', new URL('probe.mjs', import.meta.url).href, ...node_options],
    // The bench itself runs from sources: what makes it so must not reach the gateway.
    env: { ...process.env, ...FOOTPRINT.env, NODE_OPTIONS: '', COUNTERSIGN_LOG: 'warn' },
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const talk = talkTo<GatewayAnswers>(child, 'the gateway');
  const stop = async (): Promise<void> => {
    await talk.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await greeted(child);
    const codeOf = async (person: string): Promise<string> => {
      const link = await readFile(join(folder, 'data', 'sign-in', `${person}.link`), 'utf8');
      return link.trim().split('#').at(-1) ?? '';
    };
    const codes = {
      owner: await codeOf(OWNER),
      reviewer: await codeOf(REVIEWER),
      viewers: await Promise.all(people.map(codeOf)),
    };
    return { ...talk, stop, url, upstream: UPSTREAM, keys, codes };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Its address, once it has said all it says at a first start: where it listens, then where the sign-in links are. */
function greeted({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /listens on (\S+)$/m.exec(said)?.[1];
      if (url !== undefined && said.includes('They sign in with')) resolve(url);
    });
    stdout?.once('close', () => reject(new Error(`the gateway did not start: ${said}`)));
  });
}

type Cast = { readonly keys: readonly string[]; readonly people: readonly string[] };

function configOf(upstream: string, { keys, people }: Cast): object {
  const agent = (key: string) => ({
    owner: OWNER,
    keys: [hashCredential(key)],
    hold_wait: '20m',
    pending_max: PENDING_MAX,
    requests_per_hour: 100_000,
    calls_per_minute: 6_000_000,
  });
  return {
    listen: { http: '127.0.0.1:0' },
    people: {
      [OWNER]: { name: 'Olaf Owner', roles: ['operator'] },
      [REVIEWER]: { name: 'Rita Reviewer', roles: ['reviewer'] },
      ...Object.fromEntries(people.map((id) => [id, { name: id, roles: ['reviewer'] }])),
    },
    groups: { reviewers: [REVIEWER] },
    agents: Object.fromEntries(keys.map((key, at) => [`agent-${at}`, agent(key)])),
    upstreams: { [UPSTREAM]: { env: 'dev', mcp: { url: upstream } } },
  };
}
