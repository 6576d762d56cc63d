/** Channels as operators see them; and an account in one that somebody says is theirs, which others agree to (I13). */
import { z } from '@hono/zod-openapi';
import type { Person } from '../http/doors.ts';
import { problem } from '../http/problem.ts';
import { type Door, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import {
  accountLink,
  accountLinkInput,
  channelList,
  channelTested,
  channelTestInput,
  deadCard,
} from '../schema/channels.ts';
import { heldChange } from '../schema/operators.ts';
import { name, nothing, pageOf, paging } from '../schema/values.ts';
import { changed, madeOrHeld } from './change.ts';

const tag = 'channels';

export type ChannelDoors = {
  readonly person: Door<Person>;
  readonly author: Door<Person>;
  readonly operator: Door<Person>;
};

export const channelRoutes = (ports: ApiPorts, doors: ChannelDoors): readonly Route[] => [
  ...overseen(ports, doors),
  ...linking(ports, doors.person),
];

function overseen({ channels }: ApiPorts, { author, operator }: ChannelDoors): readonly Route[] {
  return [
    route(
      {
        id: 'listChannels',
        method: 'get',
        path: '/api/channels',
        summary: 'Where requests are shown outside the console, and whether that works (operators, auditors)',
        tag,
        door: author,
        answer: channelList,
      },
      () => channels.list(),
    ),
    route(
      {
        id: 'listDeadCards',
        method: 'get',
        path: '/api/channels/dead',
        summary:
          'Cards that could not be shown, until an operator has looked; newest first (operators, auditors)',
        tag,
        door: author,
        query: z.strictObject(paging),
        answer: pageOf(deadCard),
      },
      ({ query }) => channels.dead(query),
    ),
    route(
      {
        id: 'replayCard',
        method: 'post',
        path: '/api/channels/cards/{id}/replay',
        summary: 'Try a card again that could not be shown (operators)',
        tag,
        door: operator,
        params: z.strictObject({ id: name }),
        answer: nothing,
        success: [204],
      },
      async ({ params: { id } }) => changed(await channels.replay(id)),
    ),
    route(
      {
        id: 'testChannel',
        method: 'post',
        path: '/api/channels/{kind}/test',
        summary: 'Post a card that says it is a test (operators)',
        tag,
        door: operator,
        params: z.strictObject({ kind: name }),
        body: channelTestInput,
        answer: channelTested,
      },
      async ({ params: { kind }, body: { place } }) =>
        (await channels.test(kind, place)) ??
        problem('not_found', 'kind: there is no such channel; see countersign channels list'),
    ),
  ];
}

function linking({ channels }: ApiPorts, person: Door<Person>): readonly Route[] {
  return [
    route(
      {
        id: 'lookAtAccountLink',
        method: 'post',
        path: '/api/account-links/look',
        summary: 'Which account a link from a channel is about; changes nothing',
        tag,
        door: person,
        body: accountLinkInput,
        answer: accountLink,
      },
      async ({ body: { code } }) =>
        (await channels.lookAtLink(code)) ??
        problem(
          'not_found',
          'code: this link was used, is older than ten minutes, or is none; ask for a new one where you got it',
        ),
    ),
    route(
      {
        id: 'confirmAccountLink',
        method: 'post',
        path: '/api/account-links/confirm',
        summary: 'Say that this account is yours: linked at once, or 202 when others must agree first',
        tag,
        door: person,
        body: accountLinkInput,
        answer: heldChange.optional(),
        success: [202, 204],
      },
      async ({ body: { code }, caller }) => madeOrHeld(await channels.confirmLink(code, caller.person.id)),
    ),
  ];
}
