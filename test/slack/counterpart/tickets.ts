/** What Slack hands out to be used once, or for a while: triggers, response URLs, addresses to connect to. */
import { randomBytes } from 'node:crypto';
import { blockFaults } from './block-kit.ts';
import type { Obj, Workspace } from './workspace.ts';

const TRIGGER_MS = 3_000;
const RESPONSE_MS = 30 * 60_000;
const RESPONSES_MAX = 5;

export type Tickets = {
  triggerFor(user: string): string;
  /** The user whose it is, or `' why'`; undefined when there is none. */
  trigger(id: string): string | undefined;
  responseFor(user: string, channel: string): string;
  /** The HTTP status of answering there. */
  respond(id: string, body: string): number;
  connection(): string;
  connects(ticket: string): boolean;
};

type Response = { readonly user: string; readonly channel: string; readonly at: number; uses: number };

export function createTickets(workspace: Workspace, now: () => number): Tickets {
  const triggers = new Map<string, { readonly user: string; readonly at: number; used: boolean }>();
  const responses = new Map<string, Response>();
  const connections = new Set<string>();
  const made = (): string => randomBytes(12).toString('hex');
  return {
    triggerFor(user) {
      const id = `${now()}.${made()}`;
      triggers.set(id, { user, at: now(), used: false });
      return id;
    },
    trigger(id) {
      const held = triggers.get(id);
      if (held === undefined) return undefined;
      if (held.used) return ' trigger_exchanged';
      held.used = true;
      return now() - held.at > TRIGGER_MS ? ' trigger_expired' : held.user;
    },
    responseFor(user, channel) {
      const id = made();
      responses.set(id, { user, channel, at: now(), uses: 0 });
      return id;
    },
    respond(id, body) {
      const held = responses.get(id);
      if (held === undefined || now() - held.at > RESPONSE_MS || held.uses >= RESPONSES_MAX) return 404;
      const given = JSON.parse(body) as Obj;
      const blocks = (given['blocks'] ?? []) as readonly Obj[];
      if (blockFaults(blocks, 'message').length > 0) return 400;
      held.uses += 1;
      const { user, channel } = held;
      if (given['response_type'] === 'ephemeral' && given['replace_original'] !== true)
        workspace.ephemerals.push({ user, channel, text: String(given['text'] ?? ''), blocks });
      return 200;
    },
    connection() {
      const ticket = made();
      connections.add(ticket);
      return ticket;
    },
    connects: (ticket) => connections.delete(ticket),
  };
}
