// What the person of these suites does, over the API as everyone: signs in, accepts tools, reviews.
import { createClient, everyItem, type People } from '@countersign/sdk';
import { type Endpoint, legacy, modern } from '../client.ts';

export type Pending = { id: string; resource: string; agent: string };

export type Reviewer = {
  pending(): Promise<Pending[]>;
  approve(id: string): Promise<void>;
  deny(id: string, reason: string): Promise<void>;
};

export async function signIn(base: string, code: string): Promise<People> {
  const { token } = await createClient({ url: base }).signIn({ code, kind: 'cli' });
  if (token === undefined) throw new Error('signing in gave no token');
  return createClient({ url: base, token });
}

export function reviewerOf({ requests }: People): Reviewer {
  return {
    async pending() {
      const open: Pending[] = [];
      for await (const { id, resource, agent } of everyItem((paging) =>
        requests.list({ status: 'pending', ...paging }),
      )) {
        open.push({ id, resource, agent });
      }
      return open;
    },
    async approve(id) {
      const { action_digest, rendered_digest } = await requests.show(id);
      await requests.review(id, {
        decision: 'approved',
        reason: 'as the script says',
        action_digest,
        rendered_digest,
      });
    },
    async deny(id, reason) {
      await requests.review(id, { decision: 'denied', reason });
    },
  };
}

/** Lets the gateway see what the upstream lists, then accepts each tool as it was shown. */
export async function acceptTools({ tools }: People, upstream: string, as: Endpoint): Promise<void> {
  await listTools(as);
  const seen = (await tools.list()).items.filter((tool) => tool.upstream === upstream);
  if (seen.length === 0) throw new Error(`the gateway saw no tool of ${upstream}`);
  for (const { tool } of seen) {
    const { pin, after } = await tools.diff(upstream, tool);
    const annotations = after['annotations'] as { readOnlyHint?: boolean } | undefined;
    await tools.accept(upstream, tool, { pin, class: annotations?.readOnlyHint === true ? 'read' : 'write' });
  }
}

/** In whichever revision the upstream speaks: the gateway offers no other. */
async function listTools(as: Endpoint): Promise<void> {
  const recent = await modern(as, 'tools/list').done;
  if (recent.reply?.result) return;
  const session = await legacy(as);
  const { reply, status } = await session.request('tools/list').done;
  await session.end();
  if (!reply?.result) throw new Error(`tools/list: HTTP ${status} ${JSON.stringify(reply)}`);
}
