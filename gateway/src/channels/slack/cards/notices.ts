/** What is said in Slack that is no request: a summary. It has a link and nothing to answer, and is never changed. Pure but for its sending. */
import type { Notice } from '../../channel.ts';
import type { SlackApi } from '../api/web.ts';
import { type Block, cut, escaped, list, type Message, plain, rich, said } from '../draw/blocks.ts';
import type { Places } from './places.ts';
import { QUIETLY } from './thread.ts';

const TITLE_CHARS_MAX = 150;
const LINE_CHARS_MAX = 600;
const LINES_MAX = 20;

export const createNotices =
  (api: Pick<SlackApi, 'call'>, places: Places) =>
  async (notice: Notice, to: string): Promise<void> => {
    const message = drawNotice(notice);
    for (const { channel } of await places.of(to))
      await api.call('chat.postMessage', { channel, ...message, ...QUIETLY });
  };

export function drawNotice({ title, lines, link }: Notice): Message {
  const open: Block = {
    type: 'actions',
    elements: [{ type: 'button', action_id: 'open', text: plain('Open Countersign'), url: link }],
  };
  const items = lines.slice(0, LINES_MAX).map((each) => [said(cut(each, LINE_CHARS_MAX))]);
  return {
    text: escaped(cut(title, TITLE_CHARS_MAX)),
    blocks: [
      { type: 'header', text: plain(cut(title, TITLE_CHARS_MAX)) },
      ...(items.length === 0 ? [] : [rich(list(items))]),
      open,
    ],
  };
}
