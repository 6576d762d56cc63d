/** Shapes of people, sessions, agents, upstreams, tools and policy. */
import type {
  AcceptInput,
  Account,
  AccountInput,
  Agent,
  AgentCredential,
  BeginSignInInput,
  BegunSignIn,
  EndedSessions,
  LinkHolder,
  Me,
  PausedAgent,
  Policy,
  Reviewer,
  Session,
  SignedOut,
  SignInInput,
  SignInLink,
  SignInProvider,
  SignInResult,
  Tool,
  ToolChange,
  ToolDiff,
  Upstream,
  UpstreamHealth,
} from '@countersign/sdk';
import { TOOL_CLASSES } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { digest, digestOut, json, jsonObject, name, paging, text, time } from './values.ts';

const kind = z.enum(['browser', 'cli']);
const role = z.enum(['reviewer', 'operator', 'auditor']);

export const session = describes<Session>()(
  z
    .object({
      id: text,
      kind,
      created_at: time,
      last_seen_at: time,
      expires_at: time,
      provider: text.exactOptional(),
      current: z.boolean(),
    })
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

/** RFC 7636 4.1: what a verifier and its challenge are made of. */
const pkceText = z.string().regex(/^[A-Za-z0-9_-]{43,128}$/, 'expected 43 to 128 of A–Z, a–z, 0–9, "-", "_"');

export const signInInput = describes<SignInInput>()(
  z
    .strictObject({ code: z.string().min(1).max(200), kind, verifier: pkceText.exactOptional() })
    .openapi('SignInInput'),
);
export const linkHolder = describes<LinkHolder>()(
  z.object({ person: z.object({ id: text, name: text }) }).openapi('LinkHolder'),
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

export const signInProvider = describes<SignInProvider>()(
  z.object({ id: text, name: text }).openapi('SignInProvider'),
);
export const beginSignInInput = describes<BeginSignInInput>()(
  z
    .strictObject({
      fresh: z.boolean().exactOptional(),
      return_to: z.string().max(512).exactOptional(),
      loopback: z
        .strictObject({ port: z.int().min(1024).max(65_535), state: pkceText, challenge: pkceText })
        .exactOptional(),
    })
    .openapi('BeginSignInInput'),
);
export const begunSignIn = describes<BegunSignIn>()(z.object({ url: text }).openapi('BegunSignIn'));
export const signedOut = describes<SignedOut>()(
  z.object({ continue_at: text.exactOptional() }).openapi('SignedOut'),
);
export const endedSessions = describes<EndedSessions>()(
  z.object({ ended: z.int() }).openapi('EndedSessions'),
);

export const signInLinkInput = z.strictObject({ person: name });
export const signInLink = describes<SignInLink>()(
  z.object({ person: text, path: text, expires_at: time }).openapi('SignInLink'),
);

const agentCredential = describes<AgentCredential>()(
  z
    .object({
      kind: z.enum(['key', 'token']),
      id: text,
      prefix: text.exactOptional(),
      created_at: time.exactOptional(),
      expires_at: time.exactOptional(),
      last_used_at: time.exactOptional(),
      state: z.enum(['live', 'expiring', 'expired']),
      oldest: z.boolean(),
    })
    .openapi('AgentCredential'),
);

export const agent = describes<Agent>()(
  z
    .object({
      id: text,
      owner: text.nullable(),
      team: text.nullable(),
      active: z.boolean(),
      keys: z.int(),
      credentials: z.array(agentCredential),
      pending_requests: z.int(),
      paused: z.object({ at: time, by: text, reason: text.exactOptional() }).exactOptional(),
    })
    .openapi('Agent'),
);

export const pausedAgent = describes<PausedAgent>()(z.object({ withdrawn: z.int() }).openapi('PausedAgent'));

export const reviewer = describes<Reviewer>()(
  z
    .object({
      id: text,
      name: text,
      active: z.boolean(),
      roles: z.array(role),
      groups: z.array(text),
      source: z.enum(['configuration', 'oidc', 'scim']),
    })
    .openapi('Reviewer'),
);

export const account = describes<Account>()(
  z
    .object({
      account: text,
      person: text,
      source: z.enum(['configuration', 'link', 'oidc', 'scim']),
      known_as: text.exactOptional(),
      linked_at: time.exactOptional(),
      linked_by: text.exactOptional(),
    })
    .openapi('Account'),
);
export const accountInput = describes<AccountInput>()(
  z.strictObject({ account: z.string().min(1).max(320) }).openapi('AccountInput'),
);
export const accountQuery = z.strictObject({ ...paging, person: name.exactOptional() });

const upstreamHealth = describes<UpstreamHealth>()(
  z
    .object({
      state: z.enum(['answering', 'failing', 'not_asked']),
      answered_at: time.exactOptional(),
      failed_at: time.exactOptional(),
      why: text.exactOptional(),
    })
    .openapi('UpstreamHealth'),
);

export const upstream = describes<Upstream>()(
  z
    .object({
      name: text,
      protocol: text,
      env: text,
      transport: z.enum(['http', 'process']),
      tools: z.object({ accepted: z.int(), quarantined: z.int() }),
      health: upstreamHealth,
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
          asks: z.object({ by: z.array(text), exclude: z.array(text) }).exactOptional(),
        }),
      ),
      load_errors: z.array(text),
      unseen: text.exactOptional(),
      waiting: z.object({ digest: digestOut, request_id: text }).exactOptional(),
    })
    .openapi('Policy'),
);
