// The only seam between these suites and the gateway: how one is started, where its MCP endpoints are, who its agents
// are, and how a person answers. It starts the gateway whole, with policy, store and log, in a folder of its own; it
// gives the suites no way around a rule.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../gateway/src/cli/setup/free-port.ts';
import { loadConfig } from '../../../gateway/src/config/config.ts';
import { hashCredential, makeCredential } from '../../../gateway/src/identity/credential.ts';
import { startGateway as start } from '../../../gateway/src/main.ts';
import { acceptTools, type Reviewer, reviewerOf, signIn } from './people.ts';
import { AGENTS, type Agent, type GatewaySpec, policyText, REVIEWER, settings } from './settings.ts';

export type Gateway = {
  /** The MCP endpoint of one upstream. */
  url(upstream: string): string;
  token(agent: Agent): string;
  reviewer: Reviewer;
  close(): Promise<void>;
};

export async function startGateway(spec: GatewaySpec): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-gateway-'));
  const keys = new Map(AGENTS.map((agent) => [agent, makeCredential('agent')] as const));
  const port = await freePort();
  const hashes = Object.fromEntries([...keys].map(([agent, key]) => [agent, hashCredential(key)]));
  const config_file = join(folder, 'countersign.yaml');
  // JSON is YAML.
  writeFileSync(config_file, JSON.stringify(settings(spec, { port, hashes }), null, 2));
  mkdirSync(join(folder, 'policy'));
  writeFileSync(join(folder, 'policy', 'policy.yaml'), policyText(spec.policy ?? {}));
  const running = await start({ config: loadConfig(config_file), config_file, log: complain });
  const close = async () => {
    await running.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const base = `http://localhost:${port}`;
  const url = (upstream: string) => `${base}/mcp/${upstream}`;
  const token = (agent: Agent) => keys.get(agent) ?? '';
  try {
    const people = await signIn(base, await running.sessions.issueCode(REVIEWER));
    for (const upstream of Object.keys(spec.upstreams)) {
      await acceptTools(people, upstream, { url: url(upstream), token: token(AGENTS[0]) });
    }
    return { url, token, reviewer: reviewerOf(people), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Scenarios cancel calls and break upstreams on purpose, and the gateway warns of each; only errors are news here. */
const complain = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: object, message: string) => console.error(`gateway: ${message}`, fields),
};
