/** The three processes in place: the gateway before an upstream it has accepted, people signed in, and a load beside. */
import { type Client, createClient } from '@countersign/sdk';
import { acceptTools, listTools } from '../../gateway/src/cli/setup/tools.ts';
import { type Gateway, startGateway } from './gateway.ts';
import type { LoadAnswers, Target } from './load.ts';
import { type Process, startProcess } from './processes.ts';
import type { UpstreamAnswers } from './upstream.ts';

export type Stage = {
  readonly gateway: Gateway;
  readonly upstream: Process<UpstreamAnswers>;
  readonly load: Process<LoadAnswers>;
  readonly direct: Target;
  /** Through the gateway, one for each agent. */
  readonly guarded: readonly [Target, ...Target[]];
  readonly reviewer: Client;
  close(): Promise<void>;
};

type StageOptions = { readonly agents: number; readonly viewers?: number };

/** With COUNTERSIGN_BENCH_PROFILE=FOLDER the gateway writes a CPU profile of each of its threads there. */
export async function openStage({ agents, viewers = 0 }: StageOptions): Promise<Stage> {
  const profile = process.env['COUNTERSIGN_BENCH_PROFILE'];
  const upstream = startProcess<UpstreamAnswers>('upstream.ts');
  const load = startProcess<LoadAnswers>('load.ts');
  let gateway: Gateway | undefined;
  const close = async (): Promise<void> => {
    await load.stop();
    await gateway?.stop();
    await upstream.stop();
  };
  try {
    const direct = { url: await upstream.ask('url', undefined) };
    gateway = await startGateway({
      upstream: direct.url,
      agents,
      viewers,
      ...(profile === undefined ? {} : { node_options: ['--cpu-prof', `--cpu-prof-dir=${profile}`] }),
    });
    const { url, keys, codes } = gateway;
    const mcp = `${url}/mcp/${gateway.upstream}`;
    const [key = '', ...others] = keys;
    const owner = await signIn(url, codes.owner);
    const tools = await listTools(owner, { url, upstream: gateway.upstream, key });
    await acceptTools(owner, tools, new Set(['echo']));
    return {
      gateway,
      upstream,
      load,
      direct,
      guarded: [{ url: mcp, token: key }, ...others.map((token) => ({ url: mcp, token }))],
      reviewer: await signIn(url, codes.reviewer),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function signIn(url: string, code: string): Promise<Client> {
  const { token } = await createClient({ url }).signIn({ code, kind: 'cli' });
  if (token === undefined) throw new Error('signing in gave no token');
  return createClient({ url, token });
}
