// The official Tasks client on the official SDK: one call, answered by a task, polled for as long as people take.
// The SDK cannot carry task messages yet, so its documentation asks the host to send those itself, as done here.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import {
  createTaskSessionFromClient,
  type JsonRpcResponse,
  type RawClientDispatch,
  resultFromTaskOutcome,
} from '@modelcontextprotocol/ext-tasks/client';
import { modern } from '../mcp/client.ts';
import { type Done, type Job, textOf } from './client.ts';

const clientInfo = { name: 'ext-tasks', version: '1.0.0' };
const clientCapabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

function dispatchTo(to: { url: string; token: string }): RawClientDispatch {
  return async (request) => {
    const { method, params } = request as { method: string; params?: Record<string, unknown> };
    const { reply, status } = await modern({ ...to, capabilities: clientCapabilities }, method, params).done;
    if (!reply) throw new Error(`${method}: HTTP ${status} without an answer`);
    return {
      ...reply,
      id: (request as { id?: string | number }).id ?? reply.id,
    } as unknown as JsonRpcResponse;
  };
}

export async function run({ url, token, tool, args }: Job): Promise<Done> {
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: 'auto' },
    capabilities: clientCapabilities,
  });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  const session = createTaskSessionFromClient(client, {
    endpointId: url,
    rawDispatch: dispatchTo({ url, token }),
    v2RequestFraming: { protocolVersion: '2026-07-28', clientInfo, clientCapabilities },
  });
  try {
    const execution = await session.callTool(tool, args as Parameters<typeof session.callTool>[1]);
    const { outcome } = await execution.settle();
    const result = resultFromTaskOutcome(outcome) as { content?: unknown };
    return { content: textOf(result.content), calls: 1 };
  } finally {
    await session.close();
    await client.close();
  }
}
