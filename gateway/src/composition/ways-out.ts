/** By what way connections leave, as configured: the proxy’s credential and the authorities are opened here. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AgentOptions, globalAgent } from 'node:http';
import path from 'node:path';
import type { Config } from '../config/config.ts';
import { SecretError, type Secrets } from '../config/secrets.ts';
import { openWaysOut, type WaysOut } from '../outgoing/way.ts';

/** @throws SecretError naming the key of the configuration and the fix */
export function waysOut(
  { outgoing: { proxy, ca_file } }: Pick<Config, 'outgoing'>,
  { secrets, base_dir }: { readonly secrets: Secrets; readonly base_dir: string },
): WaysOut {
  refuseAnotherWay();
  return openWaysOut({
    ...(ca_file === undefined ? {} : { ca: authorities(path.resolve(base_dir, ca_file)) }),
    ...(proxy === undefined
      ? {}
      : {
          proxy: {
            url: new URL(proxy.url),
            for: proxy.for,
            no_proxy: proxy.no_proxy,
            ...(proxy.credentials === undefined
              ? {}
              : {
                  credentials: credentialsOf(secrets.open(proxy.credentials, 'outgoing.proxy.credentials')),
                }),
          },
        }),
  });
}

/**
 * Node can be told to look at the environment itself: by a variable, a flag, or options that stand in a variable; so it is asked what
 * came of it. Then some of what leaves would leave by a way that no configuration names and nobody agreed to.
 */
function refuseAnotherWay(): void {
  const { options } = globalAgent as { readonly options?: AgentOptions };
  const looked = options?.proxyEnv;
  const proxy = PROXIES.find((name) => (looked?.[name] ?? '') !== '');
  if (proxy === undefined) return;
  throw new SecretError(
    `outgoing.proxy: NODE_USE_ENV_PROXY or --use-env-proxy has Node send what leaves through ${proxy}, whatever the configuration says; start the gateway without it, and name the proxy in outgoing.proxy where one is to be used`,
  );
}

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const;

function credentialsOf(text: string): string {
  if (!/^[^\p{Cc}:]+:[^\p{Cc}]*$/u.test(text))
    throw new SecretError(
      'outgoing.proxy.credentials: must be user:password; what is there is something else',
    );
  return text;
}

function authorities(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SecretError(`outgoing.ca_file: cannot read ${file}`, { cause });
  }
  // Whatever TLS would leave out in silence: a file that holds no certificate, or a broken one.
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const each of found) new X509Certificate(each);
  } catch (cause) {
    throw new SecretError(`outgoing.ca_file: ${file} holds a certificate that cannot be read`, { cause });
  }
  if (found.length === 0)
    throw new SecretError(
      `outgoing.ca_file: ${file} holds no certificate; it must be PEM (BEGIN CERTIFICATE)`,
    );
  return found.join('\n');
}
