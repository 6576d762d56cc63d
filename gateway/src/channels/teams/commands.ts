/**
 * What people write to the bot: a few exact words that show or link, never one that answers. Anything else, “yes, approve”
 * too, is told so (A18). What names a person or what waits for them is said in their own chat alone.
 */
import type { JsonObject } from '@countersign/core';
import { type ChannelDoor, ChannelTrouble, type Waiting } from '../channel.ts';
import type { From, Where } from './intake/activity.ts';
import { accountsOf, nameOf, type Roster } from './people.ts';
import { CONTENT_TYPE } from './render/card.ts';
import { paragraph, runs, when, words } from './render/text.ts';

export type CommandsOptions = {
  readonly door: ChannelDoor;
  readonly roster: Roster;
  readonly tenant: string;
  readonly login: string;
};

export const COMMANDS = {
  link: 'Make this account yours in Countersign',
  waiting: 'List what waits for you',
  place: 'Say what this place is called in the configuration',
  help: 'Say what can be written here',
} as const;

const LISTED_MAX = 10;
const HELP = `I know these words: ${Object.keys(COMMANDS).join(', ')}. I take answers from the buttons of a card and from nothing that is written.`;

export class Commands {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** What to reply. @throws Error when the store is gone */
  async reply(text: string, where: Where, from: From): Promise<JsonObject> {
    const word = text.toLowerCase().replace(/^\//, '');
    if (word === 'place') return placed(where);
    if (word !== 'link' && word !== 'waiting') return reply([words(HELP)]);
    if (where.scope !== 'personal')
      return reply([words(`Write “${word}” to me in a chat of your own: it is between us.`)]);
    let standing: Awaited<ReturnType<Roster['standing']>>;
    try {
      standing = await this.#options.roster.standing(where, from);
    } catch (error) {
      if (!(error instanceof ChannelTrouble)) throw error;
      return reply([words('Teams does not say just now who you are. Try again in a moment.')]);
    }
    if (standing !== 'member')
      return reply([words('Guests and people of other organisations have no account here.')]);
    return word === 'link' ? this.#link(from) : this.#waiting(from);
  }

  async #link(from: From): Promise<JsonObject> {
    const { door, tenant, login } = this.#options;
    const named = nameOf(door, accountsOf(tenant, from.object_id, login));
    if (named.kind === 'two') return reply([words(TWO)]);
    if (named.kind === 'person')
      return reply([
        paragraph([
          ...runs('You are '),
          ...runs(named.name, { weight: 'Bolder' }),
          ...runs(' here already.'),
        ]),
      ]);
    const url = await door.linkPage(named.account, from.name);
    return reply(
      [
        words(
          'Open this, sign in, and confirm that this account is yours. The link works once, for ten minutes. Give it to nobody.',
        ),
      ],
      [{ type: 'Action.OpenUrl', title: 'Link this account', url }],
    );
  }

  async #waiting(from: From): Promise<JsonObject> {
    const { door, tenant, login } = this.#options;
    const named = nameOf(door, accountsOf(tenant, from.object_id, login));
    if (named.kind === 'two') return reply([words(TWO)]);
    if (named.kind === 'nobody')
      return reply([words('Countersign does not know you yet. Write “link” first.')]);
    const waiting = await door.waitingFor(named.account);
    if (waiting.length === 0) return reply([words('Nothing waits for you.')]);
    const more = waiting.length - LISTED_MAX;
    return reply([
      words(
        waiting.length === 1 ? 'One request waits for you:' : `${waiting.length} requests wait for you:`,
        {
          weight: 'Bolder',
        },
      ),
      ...waiting.slice(0, LISTED_MAX).flatMap(listed),
      ...(more > 0 ? [words(`and ${more} more in Countersign.`, { isSubtle: true })] : []),
    ]);
  }
}

const TWO = 'Two people here have your account, so it is not known who you are. Ask an operator.';

const listed = ({
  sentence,
  risk,
  agent,
  upstream,
  env,
  expires_at,
  link,
}: Waiting): readonly JsonObject[] => [
  paragraph(runs(sentence, { weight: 'Bolder' }), { spacing: 'Medium' }),
  paragraph(
    [
      ...runs(`${risk} risk, ${agent}, ${upstream} (${env}), until ${when(expires_at)}. `, {
        isSubtle: true,
        size: 'Small',
      }),
      {
        type: 'TextRun',
        text: 'Open',
        size: 'Small',
        selectAction: { type: 'Action.OpenUrl', title: 'Open', url: link },
      },
    ],
    { spacing: 'None' },
  ),
];

/** What an operator writes under `channels.teams.to`, and nothing secret. */
export const placed = ({ scope, place }: Where): JsonObject =>
  reply([
    words(
      scope === 'personal'
        ? 'This is a chat of your own. Cards come here by themselves once your account is linked and a route says so.'
        : 'To have cards here, write this under channels.teams.to, or in a route after “teams:”',
    ),
    ...(scope === 'personal' ? [] : [paragraph(runs(place, { fontType: 'Monospace' }))]),
  ]);

const reply = (body: readonly JsonObject[], actions: readonly JsonObject[] = []): JsonObject => ({
  type: 'message',
  attachments: [
    {
      contentType: CONTENT_TYPE,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.5',
        body,
        ...(actions.length === 0 ? {} : { actions }),
      },
    },
  ],
});
