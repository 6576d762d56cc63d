/** The name passkeys are made for. Browsers bind every key and every signature to it, so it follows from `public_url` alone. */
export type PasskeySite =
  | {
      readonly ok: true;
      readonly rp_id: string;
      /** The gateway's own: what a document names. */
      readonly origin: string;
      /** Where the key may have been used instead, for an answer a ticket system hands over; then there and nowhere else. */
      readonly related?: readonly string[];
    }
  | { readonly ok: false; readonly why: string };

/** WebAuthn Level 3 §5.1.3: a registrable domain over https, or `localhost`; never an address. */
export function passkeySite(public_url: string): PasskeySite {
  const { protocol, hostname, origin } = new URL(public_url);
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  if (/^[\d.]+$/.test(hostname) || hostname.startsWith('['))
    return {
      ok: false,
      why: `public_url names an address (${hostname}), and browsers make passkeys for names`,
    };
  if (protocol !== 'https:' && !isLocal)
    return { ok: false, why: 'public_url is not https, and browsers make passkeys on secure pages only' };
  return { ok: true, rp_id: hostname, origin };
}

/** The same site, for what was signed on pages of these origins. */
export const relatedSite = (public_url: string, related: readonly string[]): PasskeySite => {
  const site = passkeySite(public_url);
  return site.ok ? { ...site, related } : site;
};
