/** A grant instead of one approval, within what the rule allows: says what it covers before anybody presses. */
import type { GrantTerms } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import { Checkbox, TextField } from '../../../kit/form/field.tsx';
import { Pick } from '../../../kit/form/pick.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { useNow } from '../../../kit/time.tsx';
import { clockTime, span } from '../../../words/time.ts';
import styles from './answer.module.css';

export type GrantDraft = { readonly lasts_ms: number; readonly uses: string };

const MINUTE = 60_000;
const LASTS = [15 * MINUTE, 60 * MINUTE, 4 * 60 * MINUTE, 8 * 60 * MINUTE, 24 * 60 * MINUTE];

/** Shorter ones, then as long as the rule allows. */
export const lastsOf = ({ lasts_ms }: GrantTerms): readonly number[] => [
  ...LASTS.filter((each) => each < lasts_ms),
  lasts_ms,
];

/** The smallest that is of use: an hour at most, five runs at most. */
export const firstDraft = (terms: GrantTerms): GrantDraft => ({
  lasts_ms: Math.min(terms.lasts_ms, 60 * MINUTE),
  uses: String(Math.min(terms.uses, 5)),
});

/** What would be given; in words why not. */
export function readDraft({ lasts_ms, uses }: GrantDraft, terms: GrantTerms): GrantTerms | string {
  const count = /^\d{1,7}$/.test(uses.trim()) ? Number(uses) : 0;
  return count >= 1 && count <= terms.uses
    ? { lasts_ms, uses: count }
    : `Runs: a whole number from 1 to ${terms.uses}.`;
}

export type GrantChoiceProps = {
  readonly detail: RequestDetail;
  readonly terms: GrantTerms;
  readonly draft: GrantDraft | undefined;
  readonly onDraft: (draft: GrantDraft | undefined) => void;
  /** Why there can be none now. */
  readonly off?: string | undefined;
};

export function GrantChoice({ detail, terms, draft, onDraft, off }: GrantChoiceProps) {
  return (
    <div className={styles['grant']}>
      <Checkbox
        isSelected={draft !== undefined}
        onChange={(on) => onDraft(on ? firstDraft(terms) : undefined)}
        isDisabled={off !== undefined}
      >
        Grant more like it, for a while
      </Checkbox>
      {off === undefined ? null : <p className={styles['soft']}>{off}</p>}
      {draft === undefined ? null : <GrantTermsForm {...{ detail, terms, draft, onDraft }} />}
    </div>
  );
}

function GrantTermsForm({
  detail,
  terms,
  draft,
  onDraft,
}: Omit<GrantChoiceProps, 'draft'> & { readonly draft: GrantDraft }) {
  const now = useNow();
  const read = readDraft(draft, terms);
  const error = typeof read === 'string' ? { error: read } : {};
  return (
    <>
      <div className={styles['terms']}>
        <Pick
          label="For"
          choices={lastsOf(terms).map((ms) => [String(ms), span(ms)])}
          value={String(draft.lasts_ms)}
          onChange={(ms) => onDraft({ ...draft, lasts_ms: Number(ms) })}
        />
        <TextField
          label="Runs at most"
          value={draft.uses}
          onChange={(uses) => onDraft({ ...draft, uses })}
          {...error}
        />
      </div>
      <p className={styles['covers']}>
        Covers <strong>any</strong> <Shown text={detail.resource} mono /> on <Shown text={detail.upstream} />{' '}
        by <Shown text={detail.agent} />
        {detail.subject === detail.agent ? '' : ' for '}
        {detail.subject === detail.agent ? null : <Shown text={detail.subject} />},{' '}
        <strong>whatever its arguments</strong>, until {clockTime(now + draft.lasts_ms)}
        {typeof read === 'string' ? '' : `, ${read.uses} more ${read.uses === 1 ? 'time' : 'times'} at most`}.
        Anybody who may review it can take it back at any time.
      </p>
    </>
  );
}
