/** What is said in Teams that is no request: a summary, with a link and nothing to answer. Pure. */
import type { JsonObject } from '@countersign/core';
import type { Notice } from '../../channel.ts';
import { CONTENT_TYPE } from './card.ts';
import { paragraph, runs } from './text.ts';

const LINES_MAX = 20;
const LINE_CHARACTERS_MAX = 600;

export function drawNotice({ title, lines, link }: Notice): JsonObject {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.5',
    fallbackText: 'A summary from Countersign. Open Countersign to see it.',
    body: [
      paragraph(runs(cut(title), { weight: 'Bolder', size: 'Medium' })),
      ...lines.slice(0, LINES_MAX).map((line) => paragraph(runs(cut(line)), { spacing: 'Small' })),
    ],
    actions: [{ type: 'Action.OpenUrl', title: 'Open Countersign', url: link }],
    msteams: { width: 'Full' },
  };
  return { type: 'message', attachments: [{ contentType: CONTENT_TYPE, content }] };
}

const cut = (text: string): string => [...text].slice(0, LINE_CHARACTERS_MAX).join('');
