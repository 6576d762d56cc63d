// The official TypeScript SDK, second line (2.x), in both revisions it speaks: 60 s limit on a call.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { callUntilAnswered, type Done, type Job, textOf } from './client.ts';

type Negotiation = 'legacy' | 'auto';

export const run = (job: Job): Promise<Done> => runAs(job, 'auto');
export const runLegacy = (job: Job): Promise<Done> => runAs(job, 'legacy');

async function runAs({ url, token, tool, args }: Job, mode: Negotiation): Promise<Done> {
  const client = new Client({ name: `sdk-v2-${mode}`, version: '1.0.0' }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  try {
    await client.listTools();
    return await callUntilAnswered(async () =>
      textOf((await client.callTool({ name: tool, arguments: args })).content),
    );
  } finally {
    await client.close();
  }
}
