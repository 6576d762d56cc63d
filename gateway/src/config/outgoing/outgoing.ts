/** The `outgoing` part of the configuration: by what way connections leave, and whose certificates count. */
import { z } from 'zod';
import { readNetwork } from '../../limits/proxies.ts';
import { USES } from '../../outgoing/way.ts';
import { SECRET_REF } from '../secrets.ts';

const HOST = /^(\*?\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){0,20}$/i;

const isProxy = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && `${url.pathname}${url.search}${url.hash}` === '/';
};

const proxySchema = z.strictObject({
  url: z
    .url({
      protocol: /^https?$/,
      error: 'must be an http or https URL, such as http://proxy.example.com:3128',
    })
    .max(512)
    .refine((text) => URL.parse(text)?.username === '' && URL.parse(text)?.password === '', {
      error: 'must have no user name or password in it; name them in `credentials`',
    })
    .refine(isProxy, 'must be scheme, host and port only, such as http://proxy.example.com:3128')
    .describe('An HTTP proxy that takes CONNECT. `https`: it is itself spoken to over TLS.'),
  credentials: z
    .string()
    .regex(SECRET_REF, 'must be `env:NAME` or `file:PATH` of `user:password`, never the secret itself')
    .exactOptional()
    .describe('`env:NAME` or `file:PATH` of `user:password` for the proxy (Basic).'),
  for: z
    .array(z.enum(USES))
    .min(1)
    .default(USES.filter((use) => use !== 'webhooks'))
    .describe(
      'What leaves through it. `sign_in`: identity providers. `workload_identity`: keys of issuers. `webhooks`, callbacks included, only where listed: the proxy, not the gateway, then connects, so it must itself forbid private addresses (docs/webhooks.md).',
    ),
  no_proxy: z
    .array(
      z
        .string()
        .max(253)
        .refine(
          (text) => readNetwork(text) !== undefined || HOST.test(text),
          'must be a host, such as login.example.com (what is below it included), an address or a network such as 10.0.0.0/8; without scheme and port',
        ),
    )
    .max(256)
    .default([])
    .describe(
      'What is reached directly all the same: hosts with all below them, and addresses and networks for URLs that name an address. This machine always is.',
    ),
});

export const outgoingSchema = z
  .strictObject({
    proxy: proxySchema
      .exactOptional()
      .describe(
        'A proxy through which connections to Slack, Teams, identity providers, issuers and webhooks leave. While it is down or says no, they fail; nothing goes around it. Variables such as HTTPS_PROXY are not looked at. MCP upstreams and mail are connected to directly.',
      ),
    ca_file: z
      .string()
      .min(1)
      .exactOptional()
      .describe(
        'PEM file of certificate authorities that count beside the public ones, for the same connections and for the proxy itself: a company’s own, or that of a proxy that looks inside TLS.',
      ),
  })
  .prefault({})
  .describe('How connections leave for services outside.');
