/** The frame around every view of somebody signed in: where one can go, whether the line is live, who one is. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { Live, useLine } from '../data/live.tsx';
import { useMe } from '../data/me.ts';
import { waitingQuery } from '../data/requests.ts';
import { useKeys } from '../kit/key.tsx';
import { Mark } from '../kit/mark.tsx';
import { Toasts } from '../kit/over/toast.tsx';
import { Shown } from '../kit/shown.tsx';
import { useTitleCount } from '../kit/title.ts';
import styles from './frame.module.css';
import { KeysHelp } from './keys-help.tsx';
import { PLACES, type Place } from './places.ts';
import { ThemeChoice } from './theme-choice.tsx';

export function Frame() {
  return (
    <Live>
      <div className={styles['frame']}>
        <a href="#main" className={styles['skip']}>
          Skip to the content
        </a>
        <Sidebar />
        <main id="main" tabIndex={-1} className={styles['main']}>
          <LostLine />
          <Outlet />
        </main>
        <PhoneBar />
      </div>
      <GoKeys />
      <Toasts />
    </Live>
  );
}

function Wordmark() {
  return (
    <Link to="/" className={styles['wordmark']}>
      <img src="/favicon.svg" alt="" width="22" height="22" />
      Countersign
    </Link>
  );
}

const GROUPS: readonly (readonly [Place['group'], string])[] = [
  ['work', 'Work'],
  ['look', 'Look into'],
  ['set-up', 'Set up'],
];

function Sidebar() {
  const me = useMe();
  return (
    <aside className={styles['sidebar']}>
      <Wordmark />
      <nav aria-label="Places" className={styles['places']}>
        {GROUPS.map(([group, name]) => (
          <div key={group}>
            <p className={styles['group']}>{name}</p>
            <ul>
              {PLACES.filter((place) => place.group === group).map((place) => (
                <li key={place.to}>
                  <PlaceLink place={place} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <footer className={styles['me']}>
        <Link to="/account" className={styles['account']}>
          <span className={styles['name']}>
            <Shown text={me.name} />
          </span>
          <span className={styles['roles']}>{me.roles.join(', ') || 'no role'}</span>
        </Link>
        <ThemeChoice />
      </footer>
    </aside>
  );
}

function PlaceLink({ place: { to, name, picture: Picture } }: { readonly place: Place }) {
  // Requests are reached from the inbox, and lead back there.
  const below = useLocation({ select: ({ pathname }) => to === '/' && pathname.startsWith('/requests/') });
  return (
    <Link
      to={to}
      className={styles['place']}
      data-below={below ? true : undefined}
      activeOptions={{ exact: to === '/', includeSearch: false }}
    >
      <Picture size={16} strokeWidth={1.6} aria-hidden="true" />
      {name}
      {to === '/' ? <WaitingCount /> : null}
    </Link>
  );
}

function useWaiting(): string {
  const { data, hasNextPage } = useInfiniteQuery(waitingQuery());
  const waiting = data?.pages.reduce((sum, { items }) => sum + items.length, 0) ?? 0;
  return waiting === 0 ? '' : `${waiting}${hasNextPage ? '+' : ''}`;
}

function WaitingCount() {
  const waiting = useWaiting();
  useTitleCount(waiting);
  if (waiting === '') return null;
  return (
    <span className={styles['count']}>
      {waiting}
      <span className="sr-only"> waiting for you</span>
    </span>
  );
}

const ON_PHONE = ['/', '/history', '/audit'];
/** What those lead to, requests with the inbox. */
const ON_PHONE_AT = /^\/(?:$|(?:requests|history|audit)(?:\/|$))/;

function PhoneBar() {
  const [more, setMore] = useState(false);
  const elsewhere = useLocation({ select: ({ pathname }) => !ON_PHONE_AT.test(pathname) });
  return (
    <nav aria-label="Places, on a phone" className={styles['bar']}>
      {PLACES.filter(({ to }) => ON_PHONE.includes(to)).map((place) => (
        <PlaceLink key={place.to} place={place} />
      ))}
      <button
        type="button"
        className={styles['place']}
        data-below={elsewhere ? true : undefined}
        aria-expanded={more}
        onClick={() => setMore(!more)}
      >
        <span aria-hidden="true" className={styles['dots']}>
          ···
        </span>
        More
      </button>
      {more ? (
        // biome-ignore lint/a11y/useKeyWithClickEvents: a link's own key opens it; this only folds the list away.
        // biome-ignore lint/a11y/noStaticElementInteractions: see above.
        <div className={styles['more']} onClick={() => setMore(false)}>
          {PLACES.filter(({ to }) => !ON_PHONE.includes(to)).map((place) => (
            <PlaceLink key={place.to} place={place} />
          ))}
          <Link to="/account" className={styles['place']}>
            You
          </Link>
        </div>
      ) : null}
    </nav>
  );
}

const LOST: { readonly [L in Exclude<ReturnType<typeof useLine>, 'live' | 'connecting'>]: string } = {
  lost: 'Not connected to the gateway. What you see may be old; trying again.',
  offline: 'This browser is offline. What you see may be old; it goes on by itself once there is a network.',
  ended: 'The gateway ended this session’s line. Reload to go on.',
};

/** Only when something is wrong: a live line is what everybody expects. */
function LostLine() {
  const line = useLine();
  if (line === 'live' || line === 'connecting') return null;
  return (
    <div className={styles['lost']} role="status">
      <Mark tone="amber" shape="dash">
        {LOST[line]}
      </Mark>
    </div>
  );
}

const GO_MS = 1200;

/** `g` and a letter goes somewhere; `?` says which. */
function GoKeys() {
  const navigate = useNavigate();
  const [help, setHelp] = useState(false);
  const pressed = useRef(0);
  const go = Object.fromEntries(
    PLACES.map(({ key, to }) => [
      key,
      () => {
        pressed.current = 0;
        void navigate({ to });
      },
    ]),
  );
  useKeys({ '?': () => setHelp(true) });
  useGo(go, pressed);
  return <KeysHelp isOpen={help} onClose={() => setHelp(false)} />;
}

function useGo(go: { readonly [key: string]: () => void }, pressed: { current: number }): void {
  useKeys({
    g: () => {
      pressed.current = performance.now();
      const once = (event: KeyboardEvent): void => {
        removeEventListener('keydown', once, true);
        const run = go[event.key];
        if (performance.now() - pressed.current > GO_MS || run === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        run();
      };
      // After this very press has passed.
      setTimeout(() => addEventListener('keydown', once, true));
    },
  });
}
