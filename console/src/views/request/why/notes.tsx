/** What ticket systems say, each in its own frame and in its own name: claims, never the gateway's words, and no answers (A1, A18). */
import { visible } from '@countersign/core';
import type { RequestDetail, TicketNote } from '@countersign/sdk';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import styles from './why.module.css';

export function Notes({ detail: { ticket_notes = [] } }: { readonly detail: RequestDetail }) {
  if (ticket_notes.length === 0) return null;
  return (
    <section aria-label="What ticket systems say, unchecked">
      {ticket_notes.map((note, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: notes are only ever added at the end.
        <Note key={at} note={note} />
      ))}
    </section>
  );
}

function Note({ note: { system, kind, at, author, text, ticket } }: { readonly note: TicketNote }) {
  return (
    <div className={styles['claim']}>
      <p className={styles['claimed']}>
        The ticket system <Shown text={system} />{' '}
        {kind === 'refusal' ? 'refused this, and says why' : 'says, and nobody here has checked'},{' '}
        <When at={at} />:
      </p>
      <blockquote>
        {text.split('\n').map((line, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a text have no other name.
          <p key={row}>
            <Shown text={line} />
          </p>
        ))}
      </blockquote>
      <p className={styles['claimed']}>
        for <Shown text={author} />, as it says
        {ticket === undefined ? null : <Ticket ticket={ticket} />}
      </p>
    </div>
  );
}

/** Where the configuration says its tickets are, and nowhere else: the gateway takes no other link. */
function Ticket({ ticket: { key, url } }: { readonly ticket: NonNullable<TicketNote['ticket']> }) {
  if (url === undefined)
    return (
      <>
        , in <Shown text={key} />
      </>
    );
  return (
    <>
      , in{' '}
      <a href={url} target="_blank" rel="noopener noreferrer" aria-label={`Ticket ${visible(key).text}`}>
        <Shown text={key} />
      </a>{' '}
      at {new URL(url).host}
    </>
  );
}
