/** Where somebody wanted to go before they had to sign in: a path of the console's own, or the inbox; never elsewhere. */
const OWN = 'https://own.invalid';

export function ownPath(path: string | undefined): string {
  if (path === undefined || !path.startsWith('/')) return '/';
  const url = URL.parse(path, OWN);
  // Asked of what it comes to, not of what was given: `/..//elsewhere` is `//elsewhere`, and that is another site.
  const own = url !== null && url.origin === OWN && !url.pathname.startsWith('//');
  if (!own || url.pathname === '/sign-in') return '/';
  return url.pathname + url.search + url.hash;
}
