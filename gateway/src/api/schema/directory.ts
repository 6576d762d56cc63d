/** Shapes of people, sessions, agents, upstreams, tools and policy. */
import type {
  AcceptInput,
  Agent,
  Me,
  Policy,
  Reviewer,
  Session,
  SignInInput,
  SignInLink,
  SignInResult,
  Tool,
  ToolChange,
  ToolDiff,
  Upstream,
} from '@countersign/sdk';
import { TOOL_CLASSES } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { digest, digestOut, json, jsonObject, name, text, time } from './values.ts';

const kind = z.enum(['browser', 'cli']);
const role = z.enum(['reviewer', 'operator', 'auditor']);

export const session = describes<Session>()(
  z
    .object({ id: text, kind, created_at: time, last_seen_at: time, expires_at: time, current: z.boolean() })
    .openapi('Session'),
);

export const me = describes<Me>()(
  z
    .object({
      id: text,
      name: text,
      roles: z.array(role),
      groups: z.array(text),
      session,
      csrf: text.exactOptional(),
    })
    .openapi('Me'),
);

export const signInInput = describes<SignInInput>()(
  z.strictObject({ code: z.string().min(1).max(200), kind }).openapi('SignInInput'),
);
export const signInResult = describes<SignInResult>()(
  z
    .object({
      person: z.object({ id: text, name: text }),
      expires_at: time,
      token: text.exactOptional(),
      csrf: text.exactOptional(),
    })
    .openapi('SignInResult'),
);

export const signInLinkInput = z.strictObject({ person: name });
export const signInLink = describes<SignInLink>()(
  z.object({ person: text, path: text, expires_at: time }).openapi('SignInLink'),
);

export const agent = describes<Agent>()(
  z
    .object({
      id: text,
      owner: text.nullable(),
      team: text.nullable(),
      active: z.boolean(),
      keys: z.int(),
      pending_requests: z.int(),
    })
    .openapi('Agent'),
);

export const reviewer = describes<Reviewer>()(
  z
    .object({ id: text, name: text, active: z.boolean(), roles: z.array(role), groups: z.array(text) })
    .openapi('Reviewer'),
);

export const upstream = describes<Upstream>()(
  z
    .object({
      name: text,
      protocol: text,
      env: text,
      tools: z.object({ accepted: z.int(), quarantined: z.int() }),
    })
    .openapi('Upstream'),
);

const toolStatus = z.enum(['accepted', 'quarantined', 'drifted']);
export const tool = describes<Tool>()(
  z
    .object({
      upstream: text,
      tool: text,
      status: toolStatus,
      class: text,
      pin: digestOut,
      seen_at: time,
      accepted_by: text.exactOptional(),
      accepted_at: time.exactOptional(),
    })
    .openapi('Tool'),
);

const change = describes<ToolChange>()(
  z.object({
    path: text,
    kind: z.enum(['added', 'removed', 'changed']),
    before: json.exactOptional(),
    after: json.exactOptional(),
  }),
);
export const toolDiff = describes<ToolDiff>()(
  z
    .object({
      upstream: text,
      tool: text,
      status: toolStatus,
      pin: digestOut,
      accepted_pin: digestOut.exactOptional(),
      before: jsonObject.exactOptional(),
      after: jsonObject,
      changes: z.array(change),
    })
    .openapi('ToolDiff'),
);
export const toolPath = z.strictObject({ upstream: name, tool: name });
export const acceptInput = describes<AcceptInput>()(
  z
    .strictObject({
      pin: digest.openapi({
        description: 'The `pin` of the diff that was shown; refused when a newer definition was seen since.',
      }),
      class: z.enum(TOOL_CLASSES),
    })
    .openapi('AcceptInput'),
);

export const policy = describes<Policy>()(
  z
    .object({
      id: text,
      version: text,
      digest: digestOut,
      loaded_at: time,
      rules: z.array(
        z.object({
          id: text,
          about: text,
          file: text,
          line: z.int(),
          on: text,
          then: text,
          dry_run: z.boolean(),
        }),
      ),
      load_errors: z.array(text),
    })
    .openapi('Policy'),
);
