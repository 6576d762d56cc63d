/** As much of a browser as a script needs to sign in as people do: cookies, redirects, and the name of the page it is on. */

export type Browser = {
  /** Asks as a page of this origin would. Redirects are answers. */
  readonly fetch: typeof fetch;
  /** Goes where it is sent; the first answer that sends it nowhere. */
  goTo(start: string | URL, init?: RequestInit): Promise<Response>;
};

const HOPS_MAX = 10;

export function createBrowser(origin: string): Browser {
  /** By host and port. */
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (host: string): Map<string, string> => {
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  const ask = async (target: string | URL, init: RequestInit = {}): Promise<Response> => {
    const jar = jarOf(new URL(target).host);
    const headers = new Headers(init.headers);
    headers.set('origin', origin);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(target, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keepCookie(jar, line);
    return response;
  };
  return {
    fetch: (target, init) => ask(target instanceof Request ? target.url : target, init),
    async goTo(start, init) {
      let [url, response] = [new URL(start), await ask(start, init)];
      for (let hops = 0; hops < HOPS_MAX; hops += 1) {
        const next = response.headers.get('location');
        if (next === null) return response;
        await response.body?.cancel();
        url = new URL(next, url);
        response = await ask(url);
      }
      throw new Error(`sent in circles, last to ${url.origin}${url.pathname}`);
    },
  };
}

function keepCookie(jar: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (/;\s*max-age=0\b/i.test(line)) jar.delete(name);
  else jar.set(name, value);
}
