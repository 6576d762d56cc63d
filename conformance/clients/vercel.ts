// Vercel AI SDK: its MCP client turns tools into functions a model's output would call; here the script calls them.
import { createMCPClient } from '@ai-sdk/mcp';
import { callUntilAnswered, type Done, type Job, textOf } from './client.ts';

export async function run({ url, token, tool, args }: Job): Promise<Done> {
  const headers = { authorization: `Bearer ${token}` };
  const client = await createMCPClient({ transport: { type: 'http', url, headers } });
  try {
    const found = (await client.tools())[tool];
    if (!found) throw new Error(`the client lists no tool ${tool}`);
    return await callUntilAnswered(async () => {
      const result: unknown = await found.execute(args, { toolCallId: 'call', messages: [], context: {} });
      return textOf((result as { content?: unknown }).content);
    });
  } finally {
    await client.close();
  }
}
