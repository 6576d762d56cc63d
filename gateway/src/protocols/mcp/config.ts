/**
 * What an operator may say about one MCP upstream. Secrets appear here as references only (`env:NAME`, `file:PATH`);
 * their values arrive later, with the `session.open` permit, and this folder never reads them from anywhere else (I7).
 */
import { PREVIEW_FORMS } from '@countersign/sdk';
import { z } from 'zod';
import { SECRET_REF } from '../../config/secrets.ts';

const secretRef = z
  .string()
  .regex(SECRET_REF, 'must be a reference to a secret: `env:NAME` or `file:PATH`, never the value itself')
  .meta({ title: 'secret by reference' });

const ms = (least: number, most: number) => z.int().min(least).max(most);

const argumentOf = z.union([z.string().min(1).max(4_096), z.number(), z.boolean()]);

/** How to find out what a held call of one tool would change: by a read of the same upstream. */
const previewSchema = z
  .strictObject({
    call: z
      .string()
      .min(1)
      .max(512)
      .describe(
        'The tool the gateway calls for it: one accepted with class `read`, or, with `dry_run`, the held tool’s own dry run.',
      ),
    with: z
      .record(z.string().min(1).max(512), argumentOf)
      .default({})
      .describe(
        'Its arguments by name. A text is an expression over the held call’s arguments, `args.path` or `"*.md"` (a text in CEL has quotes of its own); numbers, true and false are themselves. `args.?head` leaves the argument out where the call has none.',
      ),
    show: z
      .enum(PREVIEW_FORMS)
      .default('text')
      .describe(
        '`text`: what it answers. `diff`: what it answers, against `against`. `patch`: what it answers is a patch in unified form.',
      ),
    against: z
      .string()
      .min(1)
      .max(4_096)
      .optional()
      .describe('With `show: diff`: an expression that makes the text as it would then be, `args.content`.'),
    missing: z
      .string()
      .min(3)
      .max(200)
      .optional()
      .describe(
        'With `show: diff`: words in the error by which the reader says that there is nothing yet, such as `ENOENT`. The difference is then against nothing.',
      ),
    dry_run: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe(
        'Name of the argument that makes `call` change nothing; it must be `true` in `with`, and the accepted definition must have it. The upstream’s word is then all there is: where it ignores the argument, the preview acts.',
      ),
  })
  .superRefine(({ show, against, missing, dry_run, with: args }, context) => {
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (show === 'diff' && against === undefined)
      complain('against', 'is missing: `show: diff` needs what to compare with, such as `args.content`');
    if (show !== 'diff' && against !== undefined)
      complain('against', 'is only for `show: diff`; remove it, or write show: diff');
    if (show !== 'diff' && missing !== undefined)
      complain('missing', 'is only for `show: diff`; remove it, or write show: diff');
    if (dry_run !== undefined && args[dry_run] !== true)
      complain('dry_run', `names an argument that must be true in \`with\`: add ${dry_run}: true there`);
  });
export type PreviewConfig = z.infer<typeof previewSchema>;

const previews = {
  previews: z
    .record(z.string().min(1).max(512), previewSchema)
    .optional()
    .describe(
      'What reviewers are shown of what a held call would change, by tool: a read of this upstream, made by the gateway when the request is opened. See docs/previews.md.',
    ),
  preview_timeout_ms: ms(100, 60_000)
    .optional()
    .describe(
      'How long a preview may take in all, in milliseconds, its connection included. Default 3000. Nothing waits for it.',
    ),
};
/** Nothing that runs depends on these: they are in no action’s digest. */
export const PREVIEW_KEYS = ['previews', 'preview_timeout_ms'] as const;

const limits = {
  ...previews,
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'must be one scope, without spaces'))
    .max(32)
    .default([])
    .describe(
      'Scopes a workload token must have been granted to be let in here; one without is answered 403 `insufficient_scope`. Agent keys have no scopes, and are bounded by policy alone.',
    ),
  call_timeout_ms: ms(1, 86_400_000)
    .default(300_000)
    .describe(
      'How long the upstream may stay silent on one call before it is given up, in milliseconds. The outcome is then recorded as unknown.',
    ),
  call_ms_max: ms(1, 86_400_000)
    .default(600_000)
    .describe(
      'How long one call may run in all, in milliseconds. Progress starts the silence of `call_timeout_ms` anew, but never this. What runs longer is given up, its outcome recorded as unknown.',
    ),
  connect_timeout_ms: ms(1, 600_000)
    .default(30_000)
    .describe(
      'How long opening the upstream may take, in milliseconds: connecting or starting it, and its handshake.',
    ),
  answer_bytes_max: z
    .int()
    .min(1024)
    .max(268_435_456)
    .default(33_554_432)
    .describe('Largest message accepted from the upstream, in bytes.'),
};

/** A header a caller or the wire decides must not be overruled by configuration. */
const RESERVED = new Set([
  'host',
  'content-length',
  'content-type',
  'transfer-encoding',
  'connection',
  'accept',
  'upgrade',
  'te',
  'trailer',
  'expect',
]);
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'must be an HTTP header name')
  .refine(
    (name) => !RESERVED.has(name.toLowerCase()) && !/^mcp-/i.test(name),
    'is a header the gateway sets itself',
  );

const plainUrl = z.url().refine((text) => {
  const url = URL.parse(text);
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '' &&
    url.hash === ''
  );
}, 'must be an http or https URL without user, password or fragment; put credentials in `bearer` or `headers`');

export const mcpHttpSchema = z.strictObject({
  url: plainUrl.describe('The server’s Streamable HTTP endpoint. Redirects are never followed.'),
  bearer: secretRef
    .optional()
    .describe(
      'Reference to the token the gateway presents as `Authorization: Bearer`. The caller’s own never passes.',
    ),
  headers: z
    .record(headerName, secretRef)
    .default({})
    .describe('Further headers the gateway adds, by name: references to their values.'),
  ...limits,
});

export const mcpStdioSchema = z.strictObject({
  command: z
    .array(z.string().min(1))
    .min(1)
    .max(256)
    .describe('Program and arguments; no shell. One process per agent session, never shared.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a variable name'), secretRef)
    .default({})
    .describe(
      'The whole environment of the process: names to references. Nothing of the gateway’s own environment is passed.',
    ),
  cwd: z.string().min(1).optional().describe('Working directory of the process.'),
  run_as: z
    .string()
    .regex(/^([a-z_][a-z0-9_-]{0,31}|\d{1,10}:\d{1,10})$/, 'must be a user name or UID:GID')
    .optional()
    .describe(
      'System user the process runs as: a name or `UID:GID`. Required outside `env: dev`, so that the server cannot read the gateway’s files.',
    ),
  processes_max: z
    .int()
    .min(1)
    .max(10_000)
    .default(64)
    .describe('Most processes of this upstream alive at once.'),
  ...limits,
});

/** `{ url, … }` or `{ command, … }`; the two never mix. */
export const mcpUpstreamSchema = z.union([mcpHttpSchema, mcpStdioSchema], {
  error:
    'must have either `url` (a server over HTTP) or `command` (a list: the program and its words, which the gateway starts)',
});
export type McpHttpConfig = z.infer<typeof mcpHttpSchema>;
export type McpStdioConfig = z.infer<typeof mcpStdioSchema>;
export type McpUpstreamConfig = z.infer<typeof mcpUpstreamSchema>;

export const isStdio = (config: McpUpstreamConfig): config is McpStdioConfig => 'command' in config;
