/** What one person alone is shown: the inbox in App Home, the dialog of a denial, a notice after a click. Pure. */
import type { Notice, Waiting } from '../../channel.ts';
import {
  type Block,
  context,
  cut,
  escaped,
  line,
  list,
  type Message,
  plain,
  rich,
  said,
  when,
} from './blocks.ts';

const WAITING_MAX = 20;
const SENTENCE_CHARS_MAX = 300;
const REASON_CHARS_MAX = 2_000;

export type View = { readonly [key: string]: unknown };

const LINES_MAX = 30;
const LINE_CHARS_MAX = 500;

/** Something said at a place that is no request. */
export function drawSaid({ title, lines, link }: Notice): Message {
  const shown = lines
    .slice(0, LINES_MAX)
    .filter((each) => each.trim() !== '')
    .map((each) => [said(cut(each, LINE_CHARS_MAX))]);
  const more = lines.length - LINES_MAX;
  return {
    text: escaped(cut(title, LINE_CHARS_MAX)),
    blocks: [
      { type: 'header', text: plain(cut(title, 150)) },
      ...(shown.length === 0 ? [] : [rich(list(shown))]),
      ...(more > 0 ? [context(`${more} more lines in the console`)] : []),
      { type: 'actions', elements: [{ type: 'button', action_id: 'open', text: plain('Open'), url: link }] },
    ],
  };
}

/** `link`: where they confirm that this account is theirs, or read on. */
export function drawNotice(text: string, link?: { readonly url: string; readonly label: string }): Message {
  const shown = cut(text, 2_900);
  const button =
    link === undefined
      ? []
      : [
          {
            type: 'actions' as const,
            elements: [
              { type: 'button' as const, action_id: 'open', text: plain(link.label), url: link.url },
            ],
          },
        ];
  return {
    text: escaped(shown),
    blocks: [{ type: 'section', text: plain(shown), expand: true }, ...button],
  };
}

const entry = (
  { sentence, risk, agent, upstream, env, expires_at, link, eligibility, proof_needed }: Waiting,
  at: number,
): readonly Block[] => [
  {
    type: 'section',
    text: plain(cut(`${risk}: ${sentence}`, SENTENCE_CHARS_MAX)),
    expand: true,
    accessory: { type: 'button', action_id: `open.${at}`, text: plain('Open'), url: link },
  },
  rich(
    line(
      said(`${cut(agent, 64)} on ${cut(upstream, 64)} (${cut(env, 64)}), answer by `),
      when(expires_at),
      said(eligibility.eligible ? proofOf(proof_needed) : ', not yours to answer.'),
    ),
  ),
];

const proofOf = (proof: Waiting['proof_needed']): string =>
  proof === 'passkey' ? ', with your passkey.' : proof === 'recent' ? ', after signing in again.' : '.';

/** What waits for one person, for a message only they see and for App Home. */
export function drawWaiting(waiting: readonly Waiting[], all: string): Message {
  if (waiting.length === 0)
    return drawNotice('Nothing waits for you.', { url: all, label: 'Open the console' });
  const more = waiting.length - WAITING_MAX;
  const head =
    waiting.length === 1 ? 'One request waits for you.' : `${waiting.length} requests wait for you.`;
  return {
    text: escaped(head),
    blocks: [
      { type: 'header', text: plain(head) },
      ...waiting.slice(0, WAITING_MAX).flatMap(entry),
      ...(more > 0 ? [context(`${more} more in the console: ${all}`)] : []),
    ],
  };
}

export const homeOf = ({ blocks }: Message): View => ({ type: 'home', callback_id: 'home', blocks });

export const linkHome = (): View =>
  homeOf({
    text: '',
    blocks: [
      { type: 'header', text: plain('Your Slack account is nobody’s here yet') },
      {
        type: 'section',
        text: plain(
          'Link it once to the account you sign in to Countersign with. Then what waits for you stands here, and you can answer cards.',
        ),
        expand: true,
      },
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'link', text: plain('Link my account'), style: 'primary' }],
      },
    ],
  });

/** `carries`: the card and version denied, and where to tell them. It comes back signed by Slack. */
export const denyView = (carries: string): View => ({
  type: 'modal',
  callback_id: 'deny',
  private_metadata: carries,
  title: plain('Deny this request'),
  submit: plain('Deny'),
  close: plain('Back'),
  blocks: [
    {
      type: 'input',
      block_id: 'reason',
      optional: true,
      label: plain('Why not?'),
      hint: plain('Shown with the request and kept in the log. No secrets, please.'),
      element: {
        type: 'plain_text_input',
        action_id: 'reason',
        multiline: true,
        max_length: REASON_CHARS_MAX,
      },
    },
  ],
});

export const linkView = (url: string): View => ({
  type: 'modal',
  callback_id: 'link',
  title: plain('Link my account'),
  close: plain('Done'),
  blocks: drawNotice(
    'Sign in and confirm that this Slack account is yours. The link works once, for ten minutes. Give it to nobody.',
    {
      url,
      label: 'Sign in and confirm',
    },
  ).blocks,
});
