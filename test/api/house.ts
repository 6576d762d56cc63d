/** A whole gateway with people, one agent and no upstream: what speaks to it here speaks HTTP, as anybody would. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, createClient } from '@countersign/sdk';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { openHouse, quietLog } from '../../gateway/src/cli/setup/house.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import type { Gateway } from '../../gateway/src/main.ts';

export type ApiHouse = {
  readonly gateway: Gateway;
  readonly url: string;
  readonly agent: Client;
  readonly other_agent: Client;
  readonly key: string;
  person(id: string): Promise<Client>;
  close(): Promise<void>;
};

const POLICY = `version: 1
rules:
  - { id: reads, about: reading is free, on: access, when: 'access.action == "read"', then: allow }
  - id: writes-ask
    about: Every write asks one reviewer
    on: access
    when: access.action == "write"
    then: require
    approve: [{ by: anyone }]
`;

const config = (port: number, keys: readonly string[]): string => `listen: { http: 127.0.0.1:${port} }
public_url: http://localhost:${port}
people:
  alice: { name: Alice Adams, roles: [operator, reviewer] }
  bob: { name: Bob Brown, roles: [reviewer] }
  carol: { name: Carol Clark, roles: [auditor] }
agents:
  deployer: { owner: alice, keys: ["${hashCredential(keys[0] ?? '')}"], pending_max: 2 }
  stranger: { owner: alice, keys: ["${hashCredential(keys[1] ?? '')}"] }
`;

export async function openApiHouse(): Promise<ApiHouse> {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-http-'));
  const [key, other] = [makeCredential('agent'), makeCredential('agent')];
  const port = await freePort();
  const file = path.join(dir, 'countersign.yaml');
  await mkdir(path.join(dir, 'policy'));
  await writeFile(path.join(dir, 'policy', 'policy.yaml'), POLICY);
  await writeFile(file, config(port, [key, other]));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { gateway, signIn } = await openHouse(file, quietLog(say), process.env);
  const url = `http://localhost:${port}`;
  return {
    gateway,
    url,
    key,
    agent: createClient({ url, token: key }),
    other_agent: createClient({ url, token: other }),
    person: signIn,
    async close() {
      await gateway.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
