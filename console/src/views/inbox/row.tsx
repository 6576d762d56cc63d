/** One line of the inbox: how grave, what would happen, who asks, where, how long is left, who has answered. */
import type { InboxItem } from '@countersign/sdk';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMe } from '../../data/me.ts';
import { Mark } from '../../kit/mark.tsx';
import { Marked, Shown } from '../../kit/shown.tsx';
import { Left } from '../../kit/time.tsx';
import { RISK_WORDS } from '../../words/states.ts';
import styles from './inbox.module.css';
import { standsFor } from './stands.ts';
import { TOGETHER_MAX } from './together/ids.ts';

const route = getRouteApi('/signed-in/');

export type RequestRowProps = {
  readonly item: InboxItem;
  /** Answered, or over, since it was listed. */
  readonly gone: boolean;
  readonly grouped: boolean;
};

export function RequestRow({ item, gone, grouped }: RequestRowProps) {
  const navigate = route.useNavigate();
  const { id, risk, sentence, expires_at, quorum } = item;
  const { word, tone, shape } = RISK_WORDS[risk];
  return (
    <Link
      to="/requests/$id"
      params={{ id }}
      className={styles['row']}
      data-request={id}
      data-gone={gone ? true : undefined}
      data-grouped={grouped ? true : undefined}
      onFocus={() =>
        void navigate({ search: (search) => ({ ...search, at: id }), replace: true, resetScroll: false })
      }
    >
      <span className={styles['risk']}>
        <Mark tone={tone} shape={shape}>
          {word.replace(' risk', '')}
          <span className="sr-only"> risk</span>
        </Mark>
      </span>
      <span className={styles['what']}>
        <span className={styles['sentence']}>
          <Marked text={sentence} />
        </span>
        <Who item={item} grouped={grouped} />
      </span>
      <span className={styles['state']}>
        {gone ? (
          <span className={styles['soft']}>No longer waits</span>
        ) : (
          <>
            <span className={styles['left']}>
              <Left until={expires_at} over="Time is up" />
            </span>
            <span className={styles['soft']}>
              {quorum.filled} of {quorum.needed}
              <span className="sr-only"> have agreed</span>
            </span>
          </>
        )}
      </span>
    </Link>
  );
}

const NAMED_MAX = 3;

type WhoProps = { readonly item: InboxItem; readonly grouped: boolean };

/** What alike requests have in common stands above them. */
function Who({ item, grouped }: WhoProps) {
  const stands = standsFor(item);
  const me = useMe();
  // One’s own answer is said by how one stands.
  const others = item.reviewed_by.filter((id) => id !== me.id);
  if (grouped && stands === undefined && others.length === 0) return null;
  return (
    <span className={styles['who']}>
      {grouped ? null : <Asker item={item} />}
      {others.length === 0 ? null : (
        <span>
          <Shown text={others.slice(0, NAMED_MAX).join(', ')} />
          {others.length > NAMED_MAX ? ` and ${others.length - NAMED_MAX} more` : ''} agreed
        </span>
      )}
      {stands === undefined ? null : <span className={styles['stands']}>{stands}</span>}
    </span>
  );
}

function Asker({ item: { agent, subject, owner, upstream, env } }: { readonly item: InboxItem }) {
  const operation = agent === 'countersign:operations';
  const other = !operation && subject !== agent;
  return (
    <>
      <span>
        <Shown text={operation ? subject : agent} />
        {other ? ' for ' : ''}
        {other ? <Shown text={subject} /> : null}
      </span>
      {owner === null || operation ? null : (
        <span>
          owned by <Shown text={owner} />
        </span>
      )}
      <span>
        <Shown text={upstream} /> (<Shown text={env} />)
      </span>
    </>
  );
}

export function GroupRow({ items }: { readonly items: readonly InboxItem[] }) {
  const [first] = items;
  if (first === undefined) return null;
  const mine = items.filter(({ eligibility }) => eligibility.eligible);
  return (
    <div className={styles['group']}>
      <span className={styles['who']}>
        <strong>{items.length} alike</strong>
        <Asker item={first} />
      </span>
      {mine.length < 2 ? null : (
        <Link to="/requests/together" search={{ ids: mine.slice(0, TOGETHER_MAX).map(({ id }) => id) }}>
          Look at {mine.length > TOGETHER_MAX ? `${TOGETHER_MAX} of them` : 'them'} together
        </Link>
      )}
    </div>
  );
}
