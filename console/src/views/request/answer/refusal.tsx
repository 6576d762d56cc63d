/** What stops an answer, and the way on: how it must be proven, and what the gateway refused. */
import type { RequestDetail } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { isKind, wordsOf } from '../../../data/gate.ts';
import { Note } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import styles from './answer.module.css';
import type { Stand } from './stand.ts';

export function Refusal({ error, id }: { readonly error: Error; readonly id: string }) {
  return (
    <Note tone="red" title="Your answer was not taken" live="alert">
      <p>
        <Shown text={wordsOf(error)} />
      </p>
      {isKind(error, 'proof_too_weak') ? <Fresh id={id} /> : null}
    </Note>
  );
}

/** Comes back here; what was written is still there. */
const Fresh = ({ id }: { readonly id: string }) => (
  <Link to="/sign-in" search={{ to: `/requests/${id}`, fresh: '1' }}>
    Show again who you are
  </Link>
);

type HowProps = {
  readonly detail: RequestDetail;
  readonly stand: Extract<Stand, { readonly kind: 'may' }>;
  readonly name: string;
};

export function HowSigned({ detail, stand: { signs }, name }: HowProps) {
  const { eligibility } = detail;
  const absent = eligibility.eligible ? eligibility.for : undefined;
  return (
    <div className={styles['how']}>
      {absent === undefined ? null : (
        <p>
          You sit in for <Shown text={absent.join(', ')} />.
        </p>
      )}
      {signs ? <p>Your passkey signs exactly what is shown here, your decision and your reason.</p> : null}
      <p>
        As <Shown text={name} />. Your answer is final.
      </p>
    </div>
  );
}

/** What must be done first, and where. */
export function Obstacle({ detail, stand }: Omit<HowProps, 'name'>) {
  const { stuck, signs } = stand;
  if (stuck === 'no_browser')
    return <p>This rule asks for a passkey, and this browser cannot use one on this page.</p>;
  if (stuck === 'no_passkey')
    return (
      <p>
        This rule asks for an answer signed with a passkey, and you have none that is confirmed.{' '}
        <Link to="/account">Your passkeys</Link>
      </p>
    );
  if (detail.proof_needed !== 'recent' || signs) return null;
  return (
    <p>
      This rule asks that you signed in within the last ten minutes. <Fresh id={detail.id} />
    </p>
  );
}
