/** What a preview comes to, in the gateway's counts and our words; never in the upstream's. */
import type { PreviewShown } from '@countersign/sdk';
import { counted } from '../../../words/size.ts';

export function headline(preview: PreviewShown): string {
  if (preview.show === 'text') return 'What the upstream answers, asked what this would do:';
  const { added, removed } = preview;
  if (added + removed === 0)
    return preview.hidden_differs
      ? 'Nothing in sight would change; what is hidden would.'
      : 'Nothing would change: it says what is there already.';
  if (preview.show === 'diff' && preview.before === '')
    return `${counted(added, 'line')} would be written where there is nothing.`;
  if (removed === 0) return `${counted(added, 'line')} would come, none would go.`;
  if (added === 0) return `${counted(removed, 'line')} would go, none would come.`;
  return `${counted(removed, 'line')} would go, ${counted(added, 'line')} would come.`;
}

/** A sentence; undefined when all of it is in sight. */
export function hiddenWords({
  hidden,
  labels,
  hidden_differs,
}: Pick<PreviewShown, 'hidden' | 'labels' | 'hidden_differs'>): string | undefined {
  if (hidden === 0) return undefined;
  const what = labels.length === 0 ? '' : ` (${labels.join(', ')})`;
  const parts = `${counted(hidden, 'part')} of it ${hidden === 1 ? 'is' : 'are'} hidden${what}`;
  return hidden_differs ? `${parts}, and would change too.` : `${parts}.`;
}
