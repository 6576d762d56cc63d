// The official TypeScript SDK, first line (1.x): sessions, 60 s limit on a call.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { callUntilAnswered, type Done, type Job, textOf } from './client.ts';

export async function run({ url, token, tool, args }: Job): Promise<Done> {
  const client = new Client({ name: 'sdk-v1', version: '1.0.0' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  // The SDK's own types disagree under exactOptionalPropertyTypes; the object is right.
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit }) as Parameters<
    Client['connect']
  >[0];
  await client.connect(transport);
  try {
    await client.listTools();
    return await callUntilAnswered(async () =>
      textOf((await client.callTool({ name: tool, arguments: args })).content),
    );
  } finally {
    await client.close();
  }
}
