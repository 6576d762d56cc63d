/** One passkey: its state, the fingerprint to compare, and what this person may do with it. */
import type { Passkey } from '@countersign/sdk';
import { useState } from 'react';
import { hasRole, useMe } from '../../../data/me.ts';
import { Button } from '../../../kit/button.tsx';
import { Item } from '../../../kit/data/items.tsx';
import { Soft } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { fingerprint, PASSKEY_WORDS } from '../../../words/passkeys.ts';
import { Confirm, Rename, Revoke } from './change.tsx';
import styles from './passkeys.module.css';

type Props = { readonly passkey: Passkey };

export function PasskeyItem({ passkey }: Props) {
  const me = useMe();
  const [asked, setAsked] = useState<'confirm' | 'rename' | 'revoke'>();
  const close = (): void => setAsked(undefined);
  const { word, tone, shape } = PASSKEY_WORDS[passkey.status];
  const own = passkey.person === me.id;
  const standing = passkey.status !== 'revoked';
  return (
    <Item
      title={<Shown text={passkey.name} />}
      mark={
        <Mark tone={tone} shape={shape}>
          {word}
        </Mark>
      }
      actions={
        standing ? (
          <>
            {passkey.confirmable_by.includes(me.id) ? (
              <Button size="small" kind="primary" onPress={() => setAsked('confirm')}>
                Confirm
              </Button>
            ) : null}
            {own ? (
              <Button size="small" kind="quiet" onPress={() => setAsked('rename')}>
                Rename
              </Button>
            ) : null}
            {own || hasRole(me, 'operator') ? (
              <Button size="small" kind="danger" onPress={() => setAsked('revoke')}>
                Revoke
              </Button>
            ) : null}
          </>
        ) : null
      }
    >
      <code className={styles['fingerprint']}>{fingerprint(passkey)}</code>
      <Standing passkey={passkey} own={own} />
      <Confirm passkey={passkey} isOpen={asked === 'confirm'} onClose={close} />
      <Rename passkey={passkey} isOpen={asked === 'rename'} onClose={close} />
      <Revoke passkey={passkey} isOpen={asked === 'revoke'} onClose={close} />
    </Item>
  );
}

function Standing({ passkey, own }: Props & { readonly own: boolean }) {
  const { status, enrolled_at, confirmed_by, last_used_at, revoked_by, revoked_at, confirmable_by } = passkey;
  const made = (
    <>
      Made <When at={enrolled_at} />.
    </>
  );
  if (status === 'revoked')
    return (
      <Soft>
        {made} Revoked by <Shown text={revoked_by ?? 'nobody'} />
        {revoked_at === undefined ? null : (
          <>
            , <When at={revoked_at} />
          </>
        )}
        .
      </Soft>
    );
  if (status === 'active')
    return (
      <Soft>
        {made} Confirmed by <Shown text={confirmed_by ?? 'nobody'} />.{' '}
        {last_used_at === undefined ? (
          'Not used yet.'
        ) : (
          <>
            Last used <When at={last_used_at} />.
          </>
        )}
      </Soft>
    );
  if (confirmable_by.length === 0)
    return (
      <Soft>
        {made} Nobody can confirm it: there is no other operator. Give a second person the role operator.
      </Soft>
    );
  return (
    <Soft>
      {made}{' '}
      {own ? (
        <>
          Read this fingerprint to <Shown text={confirmable_by.join(' or ')} />, face to face or in a call
          they made; then they confirm it.
        </>
      ) : (
        <>
          Can be confirmed by <Shown text={confirmable_by.join(' or ')} />.
        </>
      )}
    </Soft>
  );
}
