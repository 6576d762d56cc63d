/** Passkeys: enrol one's own, confirm somebody else's, name, revoke. Who may is decided where keys live; here it is only asked. */
import type { KeyOutcome, KeyRefusal } from '../../passkeys/keys.ts';
import type { Person } from '../http/doors.ts';
import { type Problem, type ProblemKind, problem } from '../http/problem.ts';
import { type Door, Reply, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import { confirmInput, enrolInput, enrolOptions, passkey, renameInput } from '../schema/passkeys.ts';
import { identified, pageOf } from '../schema/values.ts';

const tag = 'passkeys';
const params = identified('key_');

const kinds: { readonly [W in KeyRefusal['why']]: ProblemKind } = {
  unknown: 'not_found',
  wrong_state: 'wrong_state',
  not_allowed: 'not_allowed',
  invalid: 'passkey_refused',
};

const refused = ({ why, message }: KeyRefusal): Problem => problem(kinds[why], message);
const keyOf = (outcome: KeyOutcome) => (outcome.kind === 'done' ? outcome.key : refused(outcome));
const who = ({ person, id }: Person) => ({ person, session: id });

export function passkeyRoutes(ports: ApiPorts, door: Door<Person>): readonly Route[] {
  const { passkeys } = ports;
  return [
    route(
      {
        id: 'listPasskeys',
        method: 'get',
        path: '/api/passkeys',
        summary: 'Your passkeys; for operators and auditors everyone’s',
        tag,
        door,
        answer: pageOf(passkey),
      },
      async ({ caller }) => ({ items: await passkeys.list(caller.person) }),
    ),
    ...enrolRoutes(ports, door),
    route(
      {
        id: 'confirmPasskey',
        method: 'post',
        path: '/api/passkeys/{id}/confirm',
        summary: 'Confirm another person’s passkey, having compared its fingerprint with them (operators)',
        tag,
        door,
        params,
        body: confirmInput,
        answer: passkey,
      },
      async ({ params: { id }, body, caller }) =>
        keyOf(await passkeys.confirm(id, caller.person, body.key_digest)),
    ),
    route(
      {
        id: 'renamePasskey',
        method: 'post',
        path: '/api/passkeys/{id}/name',
        summary: 'Name a passkey of yours',
        tag,
        door,
        params,
        body: renameInput,
        answer: passkey,
      },
      async ({ params: { id }, body, caller }) => keyOf(await passkeys.rename(id, caller.person, body.name)),
    ),
    route(
      {
        id: 'revokePasskey',
        method: 'post',
        path: '/api/passkeys/{id}/revoke',
        summary:
          'Revoke a passkey: yours, or as an operator anyone’s. What it signed and has not run no longer counts',
        tag,
        door,
        params,
        answer: passkey,
      },
      async ({ params: { id }, caller }) => keyOf(await passkeys.revoke(id, caller.person)),
    ),
  ];
}

const enrolRoutes = ({ passkeys }: ApiPorts, door: Door<Person>): readonly Route[] => [
  route(
    {
      id: 'askEnrolPasskey',
      method: 'post',
      path: '/api/passkeys/challenge',
      summary: 'What a browser needs to make a passkey for you; good once, for five minutes',
      tag,
      door,
      answer: enrolOptions,
      keep: false,
    },
    async ({ caller }) => {
      const asked = await passkeys.askEnrol(who(caller));
      return asked.kind === 'asked' ? asked.options : refused(asked);
    },
  ),
  route(
    {
      id: 'enrolPasskey',
      method: 'post',
      path: '/api/passkeys',
      summary: 'Enrol the passkey a browser made; it counts once another person confirmed it',
      tag,
      door,
      body: enrolInput,
      answer: passkey,
      success: [201],
      keep: false,
    },
    async ({ body: { name, transports = [], ...made }, caller }) => {
      const outcome = await passkeys.enrol(who(caller), name, { ...made, transports });
      return outcome.kind === 'done' ? new Reply(outcome.key, 201) : refused(outcome);
    },
  ),
];
