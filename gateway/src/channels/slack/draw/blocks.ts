/**
 * The part of Block Kit that cards are made of. Everything somebody else wrote goes into elements Slack does not read for
 * markup: `plain_text` without emoji, and text of `rich_text`. Nothing here writes mrkdwn, so there is nothing to break out
 * of (A2): a fence, a mention or a labelled link in it stays letters.
 */
export type Plain = { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };
export type Style = { readonly bold?: true; readonly italic?: true; readonly code?: true };
export type Inline =
  | { readonly type: 'text'; readonly text: string; readonly style?: Style }
  | { readonly type: 'emoji'; readonly name: string }
  | { readonly type: 'usergroup'; readonly usergroup_id: string }
  | { readonly type: 'date'; readonly timestamp: number; readonly format: string; readonly fallback: string };
export type Section = { readonly type: 'rich_text_section'; readonly elements: readonly Inline[] };
type Text = { readonly type: 'text'; readonly text: string };
export type Rich =
  | Section
  | { readonly type: 'rich_text_preformatted'; readonly elements: readonly Text[] }
  | { readonly type: 'rich_text_quote'; readonly elements: readonly Text[] }
  | { readonly type: 'rich_text_list'; readonly style: 'bullet'; readonly elements: readonly Section[] };
export type Confirm = {
  readonly title: Plain;
  readonly text: Plain;
  readonly confirm: Plain;
  readonly deny: Plain;
  readonly style?: 'primary' | 'danger';
};
export type Button = {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: Plain;
  readonly value?: string;
  readonly url?: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: Confirm;
};
export type Block =
  | { readonly type: 'header'; readonly text: Plain }
  | { readonly type: 'divider' }
  | { readonly type: 'section'; readonly text: Plain; readonly expand: true; readonly accessory?: Button }
  | { readonly type: 'section'; readonly fields: readonly Plain[] }
  | { readonly type: 'context'; readonly elements: readonly Plain[] }
  | { readonly type: 'rich_text'; readonly elements: readonly Rich[] }
  | { readonly type: 'actions'; readonly block_id?: string; readonly elements: readonly Button[] }
  | {
      readonly type: 'input';
      readonly block_id: string;
      readonly optional: boolean;
      readonly label: Plain;
      readonly hint?: Plain;
      readonly element: {
        readonly type: 'plain_text_input';
        readonly action_id: string;
        readonly multiline: true;
        readonly max_length: number;
      };
    };

/** What `chat.postMessage` and a response are given beside where. `text` is read aloud and shown in notices. */
export type Message = { readonly text: string; readonly blocks: readonly Block[] };

export const plain = (text: string): Plain => ({ type: 'plain_text', text, emoji: false });
export const said = (text: string, style?: Style): Inline =>
  style === undefined ? { type: 'text', text } : { type: 'text', text, style };
export const line = (...elements: readonly Inline[]): Section => ({ type: 'rich_text_section', elements });
export const rich = (...elements: readonly Rich[]): Block => ({ type: 'rich_text', elements });
export const code = (text: string): Rich => ({
  type: 'rich_text_preformatted',
  elements: [{ type: 'text', text }],
});
export const quote = (text: string): Rich => ({
  type: 'rich_text_quote',
  elements: [{ type: 'text', text }],
});
export const list = (items: readonly (readonly Inline[])[]): Rich => ({
  type: 'rich_text_list',
  style: 'bullet',
  elements: items.map((each) => line(...each)),
});
export const context = (...texts: readonly string[]): Block => ({
  type: 'context',
  elements: texts.map(plain),
});

/** In the reader’s own time zone; the fallback says UTC. */
export const when = (at: number): Inline => ({
  type: 'date',
  timestamp: Math.floor(at / 1000),
  format: '{date_short_pretty} at {time}',
  fallback: `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
});

/** For `text` alone, which Slack does read for control sequences (`<!channel>`, `<https://…|label>`). */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The first so many characters, never half of a pair. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 2);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 2 : max - 1)}…`;
}
