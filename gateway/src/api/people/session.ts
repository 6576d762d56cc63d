/**
 * Signing in and out. A one-time code is consumed by POST and by nothing else (A16); a browser gets a cookie no script
 * can read, a command line gets a token once. Wrong, used and expired codes are told apart for nobody.
 */
import type { Session } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import type { RateLimit } from '../../limits/rate.ts';
import { csrfToken, type Person, personDoor, publicDoor, readCookie, sameOrigin } from '../http/doors.ts';
import { problem } from '../http/problem.ts';
import { type Door, Reply, type Route, route } from '../http/route.ts';
import { cookieHeader, type Site } from '../http/site.ts';
import type { ApiPorts } from '../ports.ts';
import { linkHolder, me, session, signedOut, signInInput, signInResult } from '../schema/directory.ts';
import { digest, name as nameOf, nothing, pageOf, text } from '../schema/values.ts';

const tag = 'sessions';

type Limits = { readonly attempts: RateLimit; readonly looks: RateLimit };

export function sessionRoutes(ports: ApiPorts, site: Site, { attempts, looks }: Limits): readonly Route[] {
  const door = personDoor(ports.sessions, site);
  return [
    signIn(ports, site, attempts),
    linkOf(ports, looks),
    signOut(ports, site, door),
    whoAmI(ports, door),
    ...ownRoutes(ports, door),
  ];
}

const signIn = (ports: ApiPorts, site: Site, attempts: RateLimit): Route =>
  route(
    {
      id: 'signIn',
      method: 'post',
      path: '/api/sign-in',
      summary: 'Exchange a one-time code for a session',
      tag,
      door: publicDoor,
      body: signInInput,
      answer: signInResult,
      keep: false,
    },
    async ({ body, incoming }) => {
      const foreign = body.kind === 'browser' ? sameOrigin(incoming.request, site) : undefined;
      if (foreign !== undefined) return foreign;
      const wait_s = attempts.take(incoming.remote);
      if (wait_s > 0)
        return problem('too_many_requests', 'too many sign-in attempts; wait and try again', {
          retry_after_s: wait_s,
        });
      // The session this browser had ends with the new one: none is carried over a sign-in.
      const replaces = body.kind === 'browser' ? readCookie(incoming.request, site.cookie) : undefined;
      const { code, kind, verifier } = body;
      const signedIn = await ports.sessions.signIn(code, kind, { verifier, replaces });
      if (signedIn === undefined) {
        await ports.signIn.linkRefused();
        const detail = 'the code is wrong, used, or older than ten minutes; ask an operator for a new link';
        return problem('sign_in_refused', detail, { field: 'body.code' });
      }
      const { token, session: opened } = signedIn;
      const { id, name } = opened.person;
      const answer = { person: { id, name }, expires_at: opened.expires_at };
      if (body.kind === 'cli') return { ...answer, token };
      const age_s = Math.max(0, Math.floor((opened.expires_at - ports.now()) / 1000));
      return new Reply({ ...answer, csrf: csrfToken(token) }, 200, {
        'set-cookie': cookieHeader(site, token, age_s),
      });
    },
  );

/**
 * Before anybody signs in, the page says as whom: a link that leads somebody into another's account is seen for what it is. Asked
 * by the code's hash, so that the code itself is sent by a press and by nothing else (A16).
 */
const linkOf = ({ sessions }: ApiPorts, looks: RateLimit): Route =>
  route(
    {
      id: 'signInLink',
      method: 'get',
      path: '/api/sign-in/links/{digest}',
      summary: 'Whom a one-time link signs in, by the SHA-256 of its code; uses nothing up',
      tag,
      door: publicDoor,
      params: z.strictObject({ digest }),
      answer: linkHolder,
    },
    async ({ params, incoming }) => {
      const wait_s = looks.take(incoming.remote);
      if (wait_s > 0)
        return problem('too_many_requests', 'too many links looked at; wait and try again', {
          retry_after_s: wait_s,
        });
      const person = await sessions.linkOf(params.digest);
      return person === undefined
        ? problem('not_found', 'the link is wrong, used, or older than ten minutes', { field: 'path.digest' })
        : { person: { id: person.id, name: person.name } };
    },
  );

const signOut = ({ sessions, signIn: providers }: ApiPorts, site: Site, door: Door<Person>): Route =>
  route(
    {
      id: 'signOut',
      method: 'post',
      path: '/api/sign-out',
      summary: 'End this session',
      tag,
      door,
      answer: signedOut,
      success: [204],
      keep: false,
    },
    async ({ caller }) => {
      // Before the session ends: what is needed to sign out there goes with it.
      const continue_at = caller.kind === 'browser' ? await providers.signOutUrl(caller.id) : undefined;
      await sessions.revoke(caller.id, caller.person.id);
      const headers: { [name: string]: string } =
        caller.kind === 'browser' ? { 'set-cookie': cookieHeader(site, '', 0) } : {};
      return continue_at === undefined
        ? new Reply({}, 204, headers)
        : new Reply({ continue_at }, 200, headers);
    },
  );

const whoAmI = (ports: ApiPorts, door: Door<Person>): Route =>
  route(
    { id: 'me', method: 'get', path: '/api/me', summary: 'Who is signed in', tag, door, answer: me },
    async ({ caller }) => {
      const { id, name, roles, groups } = caller.person;
      const own = (await ownSessions(ports, caller)).find((each) => each.current);
      if (own === undefined) return problem('not_signed_in', 'the session has ended; sign in again');
      const csrf = caller.kind === 'browser' ? { csrf: csrfToken(caller.token) } : {};
      return { id, name, roles, groups, session: own, ...csrf };
    },
  );

const ownRoutes = (ports: ApiPorts, door: Door<Person>): readonly Route[] => [
  route(
    {
      id: 'listSessions',
      method: 'get',
      path: '/api/sessions',
      summary: 'Your live sessions; for operators those of `person`',
      tag,
      door,
      query: z.strictObject({ person: nameOf.exactOptional() }),
      answer: pageOf(session),
    },
    async ({ caller, query: { person } }) => {
      if (person !== undefined && !mayEnd(caller, person)) return notYours('query.person');
      return { items: await sessionsOf(ports, person ?? caller.person.id, caller) };
    },
  ),
  route(
    {
      id: 'endSession',
      method: 'delete',
      path: '/api/sessions/{id}',
      summary: 'End one of your sessions; for operators anybody’s',
      tag,
      door,
      params: z.strictObject({ id: text }),
      answer: nothing,
      success: [204],
    },
    async ({ caller, params: { id } }) => {
      const whose = await ports.sessions.personOf(id);
      // Somebody else's is answered like none: ids of sessions are nobody's business.
      const ended =
        whose !== undefined &&
        mayEnd(caller, whose) &&
        (await ports.sessions.revoke(id, whose, { by: caller.person.id }));
      return ended
        ? new Reply(undefined, 204)
        : problem('not_found', 'id: no live session of yours has this id', { field: 'path.id' });
    },
  ),
];

/** Ending a session gives nobody anything: operators may end anyone's. */
export const mayEnd = ({ person: { id, roles } }: Person, whose: string): boolean =>
  whose === id || roles.includes('operator');

export const notYours = (field: string) =>
  problem('not_allowed', `${field}: another person’s sessions need the role operator`, { field });

const ownSessions = (ports: ApiPorts, caller: Person): Promise<readonly Session[]> =>
  sessionsOf(ports, caller.person.id, caller);

async function sessionsOf(ports: ApiPorts, person: string, caller: Person): Promise<readonly Session[]> {
  const rows = await ports.sessions.list(person);
  return rows.map((row) => ({ ...row, current: row.id === caller.id }));
}
