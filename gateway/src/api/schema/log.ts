/** Shapes of the audit log as looked up. */
import type { LogEntry, LogEntryDetail, LogFilter, LoggedCheckpoint } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { jsonObject, name, paging, text, time, timeParameter } from './values.ts';

const entry = {
  event_id: text,
  leaf_index: z.int(),
  kind: text,
  occurred_at: time,
  outcome: text.exactOptional().openapi({
    description:
      'What came of it, for entries that say: `held`, `denied`, `allowed`, `started`, `succeeded`, `failed`, `unknown`, `approved`, …',
  }),
  change: text.exactOptional().openapi({
    description: 'What changed, where an entry is about a change: a fixed phrase, such as `tool accepted`.',
  }),
  broken_glass: text
    .exactOptional()
    .openapi({ description: 'The broken glass that let it through, or that it is about.' }),
  request_id: text.exactOptional(),
  execution_id: text.exactOptional(),
  agent: text.exactOptional(),
  reviewer: text.exactOptional(),
  action: text.exactOptional(),
  resource: text.exactOptional(),
  upstream: text.exactOptional(),
  rules: z.array(text),
};
export const logEntry = describes<LogEntry>()(z.object(entry).openapi('LogEntry'));
export const logEntryDetail = describes<LogEntryDetail>()(
  z.object({ ...entry, statement: jsonObject, envelope: jsonObject }).openapi('LogEntryDetail'),
);

export const loggedCheckpoint = describes<LoggedCheckpoint>()(
  z
    .object({
      size: z.int(),
      note: text.openapi({ description: 'The signed note, verbatim: it proves itself' }),
      signed_at: time,
    })
    .openapi('LoggedCheckpoint'),
);
export const checkpointsQuery = z.strictObject({
  ...paging,
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'expected the cursor of a page')
    .exactOptional(),
});

const filter = {
  agent: name.exactOptional(),
  reviewer: name.exactOptional(),
  action: name.exactOptional(),
  resource: name.exactOptional(),
  upstream: name.exactOptional(),
  rule: name.exactOptional(),
  request: name.exactOptional(),
  kind: name.exactOptional(),
  since: timeParameter.exactOptional(),
  until: timeParameter.exactOptional(),
};
export const logQuery = z.strictObject({ ...filter, ...paging });
/** A body, not a query: an export is recorded, and GET never changes anything. */
export const exportInput = describes<LogFilter>()(
  z
    .strictObject({ ...filter, since: time.exactOptional(), until: time.exactOptional() })
    .openapi('LogFilter'),
);
