/**
 * Tool definitions in the store: what upstreams list is seen and quarantined, what a person accepts is a pin. Never
 * takes a server's word for what a tool is; accepting names exactly the definition that was shown (A9, I13).
 */
import type { JsonObject } from '@countersign/core';
import { type AcceptedPins, pinKey } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import type { Step, Store } from '../store/store.ts';

export type SeenTool = { readonly tool: string; readonly pin: string; readonly definition: JsonObject };

/** Definitions one upstream may have on record; past it new ones are refused unseen (I15). */
const PINS_PER_UPSTREAM_MAX = 20_000;

export async function loadAcceptedPins(store: Pick<Store, 'read'>): Promise<AcceptedPins> {
  const rows = await store.read({
    sql: "SELECT upstream, tool, pin, class, definition FROM tool_pins WHERE status = 'accepted'",
    params: [],
    rows_max: 100_000,
  });
  return new Map(
    rows.map((row) => [
      pinKey(String(row['upstream']), String(row['tool'])),
      {
        pin: String(row['pin']),
        class: String(row['class']) as 'read' | 'write' | 'destructive',
        definition: JSON.parse(String(row['definition'])) as JsonObject,
      },
    ]),
  );
}

/** Records definitions not seen before, each with its entry. Those already on record cost nothing. */
export function createSeen(deps: Pick<Deps, 'store' | 'events' | 'now' | 'authority'>) {
  const known = new Map<string, Set<string>>();
  return async (upstream: string, seen: readonly SeenTool[]): Promise<void> => {
    // One upstream that never stops changing uses up its own room, not the others' (A21).
    const mine = known.get(upstream) ?? new Set();
    known.set(upstream, mine);
    for (const tool of seen) {
      const key = `${tool.tool}\n${tool.pin}`;
      if (mine.has(key) || mine.size >= PINS_PER_UPSTREAM_MAX) continue;
      await record(deps, upstream, tool);
      mine.add(key);
    }
  };
}

async function record(
  deps: Pick<Deps, 'store' | 'events' | 'now' | 'authority'>,
  upstream: string,
  { tool, pin, definition }: SeenTool,
): Promise<void> {
  const now = deps.now();
  const accepted = deps.authority.current().pins.get(pinKey(upstream, tool));
  const event = deps.events.authorityChanged({
    kind: 'tool-change',
    at: now,
    task_id: `tool:${upstream}/${tool}`,
    upstream,
    resource: tool,
    predicate: {
      change: accepted === undefined ? 'new tool quarantined' : 'changed tool quarantined',
      tool,
      pin,
      ...(accepted === undefined ? {} : { accepted_pin: accepted.pin }),
    },
  });
  const outcome = await deps.store.commit({
    name: 'tool-seen',
    steps: [insertPin({ upstream, tool, pin, definition, now })],
    entries: [event.entry],
  });
  // The guard fails when it is on record already: nothing new to say.
  if (outcome.ok) event.committed();
}

type NewPin = SeenTool & { readonly upstream: string; readonly now: number };

export function insertPin({ upstream, tool, pin, definition, now }: NewPin): Step {
  return {
    name: 'see',
    sql: `INSERT INTO tool_pins (upstream, tool, pin, definition, class, status, seen_at, accepted_by, accepted_at)
          VALUES ($1, $2, $3, $4, NULL, 'quarantined', $5, NULL, NULL) ON CONFLICT DO NOTHING`,
    // In the order it was listed in, which people are told its arguments in; the pin is of the canonical form.
    params: [upstream, tool, pin, JSON.stringify(definition), now],
    rows: 1,
  };
}

/** Makes one definition the accepted one. The guards hold only while it is the newest on record. */
export function acceptSteps({ upstream, tool, pin, class: toolClass, by, now }: Accepting): readonly Step[] {
  return [
    {
      name: 'newest',
      sql: `SELECT 1 FROM tool_pins mine WHERE mine.upstream = $1 AND mine.tool = $2 AND mine.pin = $3
              AND NOT EXISTS (SELECT 1 FROM tool_pins newer WHERE newer.upstream = $1 AND newer.tool = $2 AND newer.seen_at > mine.seen_at)`,
      params: [upstream, tool, pin],
      rows: 1,
    },
    {
      name: 'supersede',
      sql: "UPDATE tool_pins SET status = 'superseded' WHERE upstream = $1 AND tool = $2 AND status = 'accepted' AND pin <> $3",
      params: [upstream, tool, pin],
      rows: 'any',
    },
    {
      name: 'accept',
      sql: "UPDATE tool_pins SET status = 'accepted', class = $4, accepted_by = $5, accepted_at = $6 WHERE upstream = $1 AND tool = $2 AND pin = $3",
      params: [upstream, tool, pin, toolClass, by, now],
      rows: 1,
    },
  ];
}

export type Accepting = {
  readonly upstream: string;
  readonly tool: string;
  readonly pin: string;
  readonly class: 'read' | 'write' | 'destructive';
  readonly by: string;
  readonly now: number;
};
