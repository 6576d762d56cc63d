/** Approve or deny, with a reason: two buttons, and beside them what stops either. */
import type { GrantTerms } from '@countersign/core';
import { useEffect, useRef, useState } from 'react';
import { keyFor, type Said, sendAnswer } from '../../../data/answering.ts';
import { useChange } from '../../../data/change.ts';
import { Button } from '../../../kit/button.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { Key, useKeys } from '../../../kit/key.tsx';
import styles from './answer.module.css';
import { GrantChoice, type GrantDraft, readDraft } from './grant.tsx';
import type { Given, PanelProps } from './props.ts';
import { HowSigned, Obstacle, Refusal } from './refusal.tsx';
import type { Stand } from './stand.ts';

export type FormProps = PanelProps & {
  readonly stand: Extract<Stand, { readonly kind: 'may' }>;
  readonly draft: string;
  readonly onDraft: (text: string) => void;
  readonly onGiven: (given: Given) => void;
};

const UNSEEN = 'Look at all of it first: it goes on below.';

/** Why it cannot be approved from here now, the gravest first; undefined when it can. */
function whyNot(
  { drawn, seen, stand }: FormProps,
  grant: GrantTerms | string | undefined,
): string | undefined {
  if (drawn.blocked !== undefined) return drawn.blocked;
  if (stand.stuck !== undefined) return '';
  if (!seen) return UNSEEN;
  return typeof grant === 'string' ? grant : undefined;
}

export function AnswerForm(props: FormProps) {
  const { detail, me, keys, draft, onDraft, stand } = props;
  const { requirement, proof_needed = 'session' } = detail;
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(false);
  const [grant, setGrant] = useState<GrantDraft>();
  const panel = useRef<HTMLDivElement>(null);
  const terms = requirement.grant;
  const given = grant === undefined || terms === undefined ? undefined : readDraft(grant, terms);
  const off = whyNot(props, given);
  const hides = props.drawn.blocked !== undefined && detail.redactions.length > 0 && !detail.revealed;
  const change = useAnswer(props);
  const answer = (decision: Said['decision']): void => {
    const reason = draft.trim();
    if (decision === 'denied' && reason === '' && !asked) {
      setAsked(true);
      setOpen(true);
      return;
    }
    change.mutate({
      decision,
      ...(reason === '' ? {} : { reason }),
      ...(decision === 'approved' && typeof given === 'object' ? { grant: given } : {}),
    });
  };
  useFocus(panel, { wants: props.wants, asked, open: () => setOpen(true) });
  const signed = keyFor(detail, { keys }, typeof given === 'object' ? given : undefined) !== undefined;
  const how = stand.signs && signed ? ' with passkey' : '';
  return (
    <div ref={panel} className={styles['form']} data-open={open ? true : undefined}>
      <div className={styles['more']}>
        <TextField
          label={asked ? 'Why not? The agent is told.' : 'Reason, for the record'}
          lines={3}
          value={draft}
          onChange={onDraft}
          maxLength={2000}
        />
        {terms === undefined ? null : (
          <GrantChoice
            {...{ detail, terms }}
            draft={grant}
            onDraft={setGrant}
            off={
              proof_needed === 'passkey'
                ? 'A passkey signs one action, so this rule gives no grants.'
                : undefined
            }
          />
        )}
        <HowSigned detail={detail} stand={stand} name={me.name} />
      </div>
      <Obstacle detail={detail} stand={stand} />
      {change.isError ? <Refusal error={change.error} id={detail.id} /> : null}
      {off === undefined || off === '' ? null : (
        <p className={styles['off']} role="status">
          {off === UNSEEN ? <Show what="[data-end]">{UNSEEN}</Show> : <>Approve is off. {off} </>}
          {hides ? <Show what='[aria-label="What is hidden"]'>See what is hidden</Show> : null}
        </p>
      )}
      <div className={styles['buttons']}>
        <button type="button" className={styles['add']} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Less' : 'Reason'}
        </button>
        <Button
          kind="danger"
          size="large"
          data-answer="deny"
          isDisabled={
            stand.stuck !== undefined || (change.isPending && change.variables.decision === 'approved')
          }
          isPending={change.isPending && change.variables?.decision === 'denied'}
          onPress={() => answer('denied')}
        >
          {asked && draft.trim() === '' ? 'Deny without a reason' : `Deny${how}`}
        </Button>
        <Button
          kind="approve"
          size="large"
          data-answer="approve"
          isDisabled={off !== undefined || change.isPending}
          onPress={() => answer('approved')}
        >
          {typeof given === 'object' ? 'Approve and grant' : `Approve${how}`}
        </Button>
      </div>
      <p className={styles['keys']} aria-hidden="true">
        <Key>a</Key> approve <Key>d</Key> deny
      </p>
    </div>
  );
}

type ShowProps = { readonly what: string; readonly children: string };

/** Brings what stops the answer before the eyes. */
const Show = ({ what, children }: ShowProps) => (
  <button
    type="button"
    className={styles['show-end']}
    onClick={() => document.querySelector(what)?.scrollIntoView({ block: 'center' })}
  >
    {children}
  </button>
);

/** What is on the page when they press is what they looked at. */
const previewIn = ({ preview }: PanelProps['detail']): Pick<Said, 'preview'> =>
  preview?.state === 'shown' ? { preview: preview.id } : {};

function useAnswer({ detail, me, keys, onGiven, onDraft }: FormProps) {
  return useChange({
    run: (said: Said) => sendAnswer(detail, { ...said, ...previewIn(detail) }, { person: me.id, keys }),
    stale: [['requests']],
    onDone: (result, { decision }) => {
      onDraft('');
      onGiven({ decision, result });
    },
    shows_refusal: true,
  });
}

type Focusing = {
  readonly wants: 'approve' | 'deny' | undefined;
  /** Denied without a reason: it is asked for. */
  readonly asked: boolean;
  readonly open: () => void;
};

/** `a` and `d` go to the answer; they never give it. */
function useFocus(panel: React.RefObject<HTMLDivElement | null>, { wants, asked, open }: Focusing): void {
  const focus = (what: string): void => panel.current?.querySelector<HTMLElement>(what)?.focus();
  const approve = (): void => focus('[data-answer="approve"]');
  const deny = (): void => {
    open();
    // Once it is drawn, where it was folded away.
    requestAnimationFrame(() => focus('textarea'));
  };
  useKeys({ a: approve, d: deny });
  const first = useRef(wants);
  // Whoever reads on with the keyboard must not find Approve below the next press of it.
  useEffect(() => {
    const busy = (): void => {
      first.current = undefined;
    };
    const over = new AbortController();
    for (const what of ['keydown', 'pointerdown', 'wheel'])
      addEventListener(what, busy, { capture: true, once: true, passive: true, signal: over.signal });
    return () => over.abort();
  }, []);
  // Until it can be pressed, and unless somebody has gone elsewhere or begun to read meanwhile.
  useEffect(() => {
    if (first.current === undefined) return;
    if (first.current === 'approve') approve();
    else deny();
    if (document.activeElement !== document.body) first.current = undefined;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it comes to be asked.
  useEffect(() => {
    if (asked) deny();
  }, [asked]);
}
