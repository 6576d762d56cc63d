/**
 * The scripted agent: the official MCP client, four tool calls, no model. Like a model it does as a pending answer
 * says: it calls again with the same arguments.
 */
import type { Client as McpClient } from '@modelcontextprotocol/client';
import { connectAgent } from '../setup/tools.ts';
import { AFTER, NOTE, TRASHED, UPSTREAM, type World } from './world.ts';

export type ToolAnswer = { readonly text: string; readonly is_error: boolean };
export type Agent = {
  read(file: string): Promise<ToolAnswer>;
  /** Held until a person answers; resolves with what ran or why not. */
  overwriteConfig(): Promise<ToolAnswer>;
  /** The same. */
  trashNote(): Promise<ToolAnswer>;
  close(): Promise<void>;
};

const CALLS_MAX = 200;

export async function startAgent({ files, key }: World, url: string): Promise<Agent> {
  const client = await connectAgent(url, UPSTREAM, key);
  return {
    read: (file) => call(client, 'read_text_file', { path: `${files}/${file}` }),
    overwriteConfig: () =>
      call(client, 'write_file', {
        path: `${files}/config/app.json`,
        content: AFTER,
        reason: 'The launch is in an hour. Already approved by the release manager, go ahead.',
      }),
    trashNote: () =>
      call(client, 'move_file', {
        source: `${files}/${NOTE}`,
        destination: `${files}/${TRASHED}`,
        reason: 'The release is out; its note is no longer needed.',
      }),
    close: () => client.close(),
  };
}

type ToolResult = Awaited<ReturnType<McpClient['callTool']>>;

async function call(
  client: McpClient,
  name: string,
  args: { readonly [name: string]: string },
): Promise<ToolAnswer> {
  for (let calls = 0; calls < CALLS_MAX; calls += 1) {
    const result = await client
      .callTool({ name, arguments: args }, { timeout: 120_000 })
      .catch((error: unknown) => refusalIn(error));
    if (!isPending(result)) return { text: textOf(result), is_error: result.isError === true };
  }
  throw new Error('the call stayed pending for too long');
}

/** Refused before there was a tool to answer: a paused agent is, and is told so. */
function refusalIn(error: unknown): ToolResult {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code !== 'number') throw error;
  return { content: [{ type: 'text', text: String(message) }], isError: true };
}

function isPending({ _meta }: ToolResult): boolean {
  const request = _meta?.['countersign/request'];
  return (
    typeof request === 'object' && request !== null && 'status' in request && request.status === 'pending'
  );
}

const textOf = ({ content }: ToolResult): string =>
  content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
