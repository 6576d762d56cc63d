/**
 * The tools of an upstream, as listed and accepted through the gateway itself: what is pinned is what it saw, and the
 * acceptance is on the record under the operator's name. A server's hints are shown as its own word, nothing more (I11).
 */

import { isJsonObject, type JsonObject } from '@countersign/core';
import type { Client, Tool, ToolClass } from '@countersign/sdk';
import { Client as McpClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

export type ListedTool = Tool & {
  readonly description: string;
  /** The input schema it was listed with. */
  readonly input: JsonObject;
  /** The server says it only reads. */
  readonly says_read_only: boolean;
  readonly says_destructive: boolean;
};

export async function connectAgent(url: string, upstream: string, key: string): Promise<McpClient> {
  const client = new McpClient({ name: 'countersign', version: '0.1.0' });
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp/${upstream}`), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  return client;
}

/** Connects once as the agent, so that the gateway lists the upstream; then reads what it put in quarantine. */
export async function listTools(
  operator: Client,
  { url, upstream, key }: { readonly url: string; readonly upstream: string; readonly key: string },
): Promise<readonly ListedTool[]> {
  const agent = await connectAgent(url, upstream, key);
  await agent.listTools();
  await agent.close();
  const { items } = await operator.tools.list();
  return Promise.all(
    items.filter((tool) => tool.upstream === upstream).map((tool) => describe(operator, tool)),
  );
}

async function describe(operator: Client, tool: Tool): Promise<ListedTool> {
  const { after } = await operator.tools.diff(tool.upstream, tool.tool);
  const hints = isJsonObject(after['annotations']) ? after['annotations'] : {};
  return {
    ...tool,
    input: isJsonObject(after['inputSchema'] ?? null) ? (after['inputSchema'] as JsonObject) : {},
    description: typeof after['description'] === 'string' ? after['description'] : '',
    says_read_only: hints['readOnlyHint'] === true,
    says_destructive: hints['readOnlyHint'] !== true && hints['destructiveHint'] !== false,
  };
}

/** What the operator says a tool is: `read` only when they chose so. */
export function classOf(tool: ListedTool, safe: ReadonlySet<string>): ToolClass {
  if (safe.has(tool.tool)) return 'read';
  return tool.says_destructive ? 'destructive' : 'write';
}

export async function acceptTools(
  operator: Client,
  tools: readonly ListedTool[],
  safe: ReadonlySet<string>,
): Promise<void> {
  for (const tool of tools) {
    await operator.tools.accept(tool.upstream, tool.tool, { pin: tool.pin, class: classOf(tool, safe) });
  }
}
