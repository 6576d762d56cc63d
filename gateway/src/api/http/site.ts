/**
 * The gateway's own names: which Host and Origin headers are its own, what its cookie is called, and the headers every
 * answer carries. A Host nobody configured is refused, so that a name rebound to this address reaches nothing.
 */
export type Site = {
  readonly public_url: string;
  readonly cookie: string;
  /** Of a sign-in under way at a provider. */
  readonly flow_cookie: string;
  readonly secure: boolean;
  isOwnHost(host: string): boolean;
  isOwnOrigin(origin: string): boolean;
};

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export function createSite(public_url: string): Site {
  const own = new URL(public_url);
  const secure = own.protocol === 'https:';
  const isOwn = (url: URL | null): boolean =>
    url !== null && (url.host === own.host || LOOPBACK.has(url.hostname));
  return {
    public_url: own.origin,
    secure,
    // The `__Host-` prefix makes browsers insist on Secure, Path=/ and no Domain.
    cookie: secure ? '__Host-countersign' : 'countersign',
    flow_cookie: secure ? '__Host-countersign-sign-in' : 'countersign-sign-in',
    isOwnHost: (host) => isOwn(URL.parse(`http://${host}`)) || isOwn(URL.parse(`https://${host}`)),
    isOwnOrigin(origin) {
      if (origin === own.origin) return true;
      const url = URL.parse(origin);
      // Another port of this machine is another program: only the gateway's own loopback name counts, and only over http.
      return (
        !secure &&
        url !== null &&
        url.origin === origin &&
        LOOPBACK.has(url.hostname) &&
        LOOPBACK.has(own.hostname) &&
        url.port === own.port
      );
    },
  };
}

/** `style_nonce` lets in the styles that an editor on the page makes for itself; no script is let in but our own files. */
export const contentSecurityPolicy = ({ style_nonce }: { readonly style_nonce?: string } = {}): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    style_nonce === undefined ? "style-src 'self'" : `style-src 'self' 'nonce-${style_nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

export const SECURITY_HEADERS: { readonly [name: string]: string } = {
  'content-security-policy': contentSecurityPolicy(),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

export function cookieHeader(site: Site, token: string, max_age_s: number): string {
  const parts = [`${site.cookie}=${token}`, 'Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${max_age_s}`];
  return (site.secure ? [...parts, 'Secure'] : parts).join('; ');
}

/** `Lax`, because the provider sends the browser back from another site; it proves which browser began, and nothing else. */
export function flowCookieHeader(site: Site, value: string, max_age_s: number): string {
  const parts = [
    `${site.flow_cookie}=${value}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    `Max-Age=${max_age_s}`,
  ];
  return (site.secure ? [...parts, 'Secure'] : parts).join('; ');
}
