/**
 * How an agent is pointed at this gateway: exact text to paste, for its own address. Pure. A key stands in it only when it
 * was made on this very page; else a variable stands there, and the key stays where its owner keeps it.
 */
export type Connection = {
  /** The gateway's origin. */
  readonly origin: string;
  readonly upstream: string;
  /** Absent: a variable of the environment, or a question of the editor's. */
  readonly key?: string;
};

export type Setup = {
  readonly id: string;
  readonly name: string;
  /** Where it goes: a terminal, a file. */
  readonly where: string;
  readonly text: (to: Connection) => string;
  readonly note?: string;
};

export const KEY_VARIABLE = 'COUNTERSIGN_AGENT_KEY';

const address = ({ origin, upstream }: Connection): string => `${origin}/mcp/${upstream}`;
const json = (value: unknown): string => JSON.stringify(value, null, 2);
/** An upstream's id may hold dashes and dots; a variable may not. */
const variable = ({ upstream }: Connection): string =>
  upstream.replaceAll(/[^A-Za-z0-9]/g, '_').replace(/^(?=\d)/, '_');

const claude: Setup = {
  id: 'claude-code',
  name: 'Claude Code',
  where: 'In a terminal',
  text: (to) =>
    `claude mcp add --transport http ${to.upstream} ${address(to)} \\\n  --header "Authorization: Bearer ${to.key ?? `$${KEY_VARIABLE}`}"`,
};

const cursor: Setup = {
  id: 'cursor',
  name: 'Cursor',
  where: '.cursor/mcp.json',
  text: (to) =>
    json({
      mcpServers: {
        [to.upstream]: {
          url: address(to),
          headers: { Authorization: `Bearer ${to.key ?? `\${env:${KEY_VARIABLE}}`}` },
        },
      },
    }),
};

const vscode: Setup = {
  id: 'vs-code',
  name: 'VS Code',
  where: '.vscode/mcp.json',
  text: (to) =>
    json({
      inputs: [
        { type: 'promptString', id: 'countersign-key', description: 'The agent’s key', password: true },
      ],
      servers: {
        [to.upstream]: {
          type: 'http',
          url: address(to),
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the editor fills it in.
          headers: { Authorization: 'Bearer ${input:countersign-key}' },
        },
      },
    }),
  note: 'VS Code asks for the key when it connects first, and keeps it apart from the file.',
};

const python: Setup = {
  id: 'openai-python',
  name: 'OpenAI Agents, Python',
  where: 'agent.py',
  text: (to) => `import asyncio, os
from agents import Agent, Runner
from agents.mcp import MCPServerStreamableHttp

async def main():
    async with MCPServerStreamableHttp(
        name="${to.upstream}",
        params={
            "url": "${address(to)}",
            "headers": {"Authorization": "Bearer " + os.environ["${KEY_VARIABLE}"]},
        },
        client_session_timeout_seconds=60,
    ) as ${variable(to)}:
        agent = Agent(name="Assistant", mcp_servers=[${variable(to)}])
        result = await Runner.run(agent, "What can you do here?")
        print(result.final_output)

asyncio.run(main())`,
  note: 'A call that waits for a person is held for up to 50 seconds; the SDK’s own limit of 5 would give up first.',
};

const typescript: Setup = {
  id: 'openai-js',
  name: 'OpenAI Agents, JavaScript',
  where: 'agent.mjs',
  text: (to) => `import { Agent, MCPServerStreamableHttp, run } from '@openai/agents';

const ${variable(to)} = new MCPServerStreamableHttp({
  name: '${to.upstream}',
  url: '${address(to)}',
  requestInit: { headers: { Authorization: \`Bearer \${process.env.${KEY_VARIABLE}}\` } },
  clientSessionTimeoutSeconds: 60,
});
await ${variable(to)}.connect();
try {
  const agent = new Agent({ name: 'Assistant', mcpServers: [${variable(to)}] });
  const result = await run(agent, 'What can you do here?');
  console.log(result.finalOutput);
} finally {
  await ${variable(to)}.close();
}`,
  note: 'A call that waits for a person is held for up to 50 seconds; the SDK’s own limit of 5 would give up first.',
};

const stdio: Setup = {
  id: 'stdio',
  name: 'A client that only starts commands',
  where: 'Its configuration of MCP servers',
  text: (to) =>
    json({
      mcpServers: {
        [to.upstream]: {
          command: 'npx',
          args: ['countersign', 'mcp', to.upstream, '--url', to.origin],
          env: { [KEY_VARIABLE]: to.key ?? 'cs_agent_…' },
        },
      },
    }),
};

export const SETUPS: readonly Setup[] = [claude, cursor, vscode, python, typescript, stdio];
