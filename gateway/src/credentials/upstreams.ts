/**
 * The credentials the gateway adds and agents never hold: opened once at start, handed out only on a `session.open`
 * permit, known to the masker by value so that no upstream can echo them back (I7, A27).
 */
import type { Config } from '../config/config.ts';
import { SECRET_REF, type Secrets } from '../config/secrets.ts';
import type { KnownSecret } from '../masking/known/known.ts';
import { isStdio } from '../protocols/mcp/config.ts';
import type { UpstreamCredentials } from '../protocols/protocol.ts';

export type OpenedCredentials = {
  readonly of: (upstream: string) => UpstreamCredentials;
  readonly known: readonly KnownSecret[];
};

/** Variables that say where things are, not who may use them: their values are not masked. */
const PLAIN_VARIABLES = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'TZ',
  'TERM',
  'TMPDIR',
  'NODE_ENV',
  'NO_COLOR',
]);

const NONE: UpstreamCredentials = { headers: {}, env: {} };

/** @throws SecretError naming the key of the configuration and the fix */
export function openCredentials(config: Config, secrets: Secrets): OpenedCredentials {
  const opened = new Map<string, UpstreamCredentials>();
  const known: KnownSecret[] = [];
  for (const [id, { mcp }] of Object.entries(config.upstreams)) {
    const open = (ref: string, field: string, name: string): string => {
      const value = secrets.open(ref, `upstreams.${id}.mcp.${field}`);
      if (!PLAIN_VARIABLES.has(name)) known.push({ value, label: labelOf(id, name) });
      return value;
    };
    if (isStdio(mcp)) {
      opened.set(id, { headers: {}, env: mapValues(mcp.env, (ref, name) => open(ref, `env.${name}`, name)) });
      continue;
    }
    const headers = mapValues(mcp.headers, (ref, name) => open(ref, `headers.${name}`, name));
    const bearer =
      mcp.bearer === undefined ? {} : { authorization: `Bearer ${open(mcp.bearer, 'bearer', 'bearer')}` };
    opened.set(id, { headers: { ...headers, ...bearer }, env: {} });
  }
  // Never sent to an upstream; known all the same, so that no mistake of ours can show it.
  for (const [id, { client_secret }] of Object.entries(config.sign_in.oidc)) {
    const value = secrets.open(client_secret, `sign_in.oidc.${id}.client_secret`);
    known.push({ value, label: labelOf(id, 'client-secret') });
  }
  for (const [path, ref] of secretRefs(config.channels, 'channels'))
    known.push({ value: secrets.open(ref, path), label: labelOf('channel', path.slice('channels.'.length)) });
  return { of: (upstream) => opened.get(upstream) ?? NONE, known };
}

/** Every reference below, with its key in the configuration. Only secrets are written like one. */
function* secretRefs(value: unknown, path: string): Generator<readonly [path: string, ref: string]> {
  if (typeof value === 'string' && SECRET_REF.test(value)) yield [path, value];
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) yield* secretRefs(part, `${path}.${key}`);
}

const LABEL_CHARACTERS_MAX = 60;

/** `github-bearer`: which credential it is, never what it is. */
const labelOf = (upstream: string, name: string): string =>
  `${upstream}-${name}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, LABEL_CHARACTERS_MAX);

function mapValues(
  refs: { readonly [name: string]: string },
  open: (ref: string, name: string) => string,
): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(refs).map(([name, ref]) => [name, open(ref, name)]));
}
