/**
 * What an operator may say about one MCP upstream. Secrets appear here as references only (`env:NAME`, `file:PATH`);
 * their values arrive later, with the `session.open` permit, and this folder never reads them from anywhere else (I7).
 */
import { z } from 'zod';
import { SECRET_REF } from '../../config/secrets.ts';

const secretRef = z
  .string()
  .regex(SECRET_REF, 'must be a reference to a secret: `env:NAME` or `file:PATH`, never the value itself')
  .meta({ title: 'secret by reference' });

const ms = (least: number, most: number) => z.int().min(least).max(most);

const limits = {
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
