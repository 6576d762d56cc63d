/**
 * Signing in with a provider, as a browser sees it: which there are, going there, coming back. What comes back is checked
 * inside; here a cookie is set, or a plain page says what happened and what helps. Never a redirect to anywhere but the
 * provider asked for, a path of our own, or this machine's own command line.
 */
import { z } from '@hono/zod-openapi';
import { FAILURES } from '../../identity/oidc/failure.ts';
import { FLOW_TTL_MS } from '../../identity/oidc/flow.ts';
import type { Failed } from '../../identity/oidc/sign-in.ts';
import type { RateLimit } from '../../limits/rate.ts';
import { publicDoor, readCookie, sameOrigin } from '../http/doors.ts';
import { type Problem, problem } from '../http/problem.ts';
import { Reply, type Route, route } from '../http/route.ts';
import { cookieHeader, flowCookieHeader, type Site } from '../http/site.ts';
import { failurePage } from '../pages.ts';
import type { ApiPorts } from '../ports.ts';
import { beginSignInInput, begunSignIn, signInProvider } from '../schema/directory.ts';
import { name, pageOf } from '../schema/values.ts';

const tag = 'sessions';
const params = z.strictObject({ provider: name });

export const providerRoutes = (ports: ApiPorts, site: Site, attempts: RateLimit): readonly Route[] => [
  route(
    {
      id: 'listSignInProviders',
      method: 'get',
      path: '/api/sign-in/providers',
      summary: 'Providers to sign in with, beside one-time links',
      tag,
      door: publicDoor,
      answer: pageOf(signInProvider),
    },
    async () => ({ items: ports.signIn.offered }),
  ),
  beginning(ports, site, attempts),
  comingBack(ports, site, attempts),
];

const beginning = ({ signIn }: ApiPorts, site: Site, attempts: RateLimit): Route =>
  route(
    {
      id: 'beginSignIn',
      method: 'post',
      path: '/api/sign-in/providers/{provider}',
      summary: 'Begin to sign in with a provider; the browser goes to `url`',
      tag,
      door: publicDoor,
      params,
      body: beginSignInInput,
      answer: begunSignIn,
      keep: false,
    },
    async ({ params: { provider }, body, incoming }) => {
      const foreign = sameOrigin(incoming.request, site) ?? otherName(incoming.request, site);
      if (foreign !== undefined) return foreign;
      const wait_s = attempts.take(incoming.remote);
      if (wait_s > 0) return tooMany(wait_s);
      const begun = await signIn.begin({ provider, ...body });
      if ('kind' in begun) return said(begun);
      const cookie = flowCookieHeader(site, begun.cookie, FLOW_TTL_MS / 1000);
      return new Reply({ url: begun.url }, 200, { 'set-cookie': cookie });
    },
  );

/** The provider sends the browser to `public_url`: a cookie of another name of this machine would not go there. */
function otherName(request: Request, site: Site): Problem | undefined {
  if (request.headers.get('origin') === site.public_url) return undefined;
  return problem('cross_site', `Origin: open the sign-in page at ${site.public_url}/sign-in`, {
    field: 'header.origin',
  });
}

const tooMany = (retry_after_s: number): Problem =>
  problem('too_many_requests', 'too many sign-in attempts; wait and try again', { retry_after_s });

function said({ reason }: Failed): Problem {
  const [status, what, fix] = FAILURES[reason];
  const detail = `${what} ${fix}`.replace(/\.$/, '');
  if (status === 404) return problem('not_found', detail, { field: 'path.provider' });
  if (status === 429) return problem('too_many_requests', detail, { retry_after_s: 60 });
  return problem('unavailable', detail);
}

const comingBack = ({ signIn, now }: ApiPorts, site: Site, attempts: RateLimit): Route =>
  route(
    {
      id: 'finishSignIn',
      method: 'get',
      path: '/sign-in/{provider}/callback',
      summary: 'Where a provider sends the browser back (RFC 6749 4.1.2)',
      tag,
      door: publicDoor,
      params,
      // Whatever a provider adds. Members that matter are read one by one, each once.
      query: z.looseObject({}),
      answer: z.string(),
      media_type: 'text/html',
      success: [303],
    },
    async ({ params: { provider }, incoming }) => {
      const wait_s = attempts.take(incoming.remote);
      if (wait_s > 0) return tooMany(wait_s);
      const { request, url } = incoming;
      const finished = await signIn.finish({
        provider,
        url,
        cookie: readCookie(request, site.flow_cookie),
        replaces: readCookie(request, site.cookie),
      });
      const headers = new Headers();
      // What another tab has begun since is left to it: only a flow that is over loses its cookie.
      if (finished.kind !== 'failed') headers.append('set-cookie', flowCookieHeader(site, '', 0));
      if (finished.kind === 'failed') return failurePage(finished, FAILURES[finished.reason]);
      if (finished.kind === 'browser') {
        const { token, session } = finished.signedIn;
        const age_s = Math.max(0, Math.floor((session.expires_at - now()) / 1000));
        headers.append('set-cookie', cookieHeader(site, token, age_s));
      }
      headers.set('location', finished.kind === 'browser' ? finished.return_to : finished.url);
      return new Response(null, { status: 303, headers });
    },
  );
