/** What one can do with a passkey: confirm somebody else's after comparing, rename one's own, revoke. */
import type { Passkey } from '@countersign/sdk';
import { useState } from 'react';
import { refusalOf, useChange } from '../../../data/change.ts';
import { gate } from '../../../data/gate.ts';
import { Checkbox, TextField } from '../../../kit/form/field.tsx';
import { Ask } from '../../../kit/over/ask.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { fingerprint } from '../../../words/passkeys.ts';
import styles from './passkeys.module.css';

type Props = { readonly passkey: Passkey; readonly isOpen: boolean; readonly onClose: () => void };
const stale = [['passkeys']];

export function Confirm({ passkey, isOpen, onClose }: Props) {
  const [compared, setCompared] = useState(false);
  const confirm = useChange({
    run: () => gate.passkeys.confirm(passkey.id, passkey.key_digest),
    stale,
    said: () => 'Confirmed. It signs from now on.',
    onDone: onClose,
    shows_refusal: true,
  });
  return (
    <Ask
      title="Is this their passkey?"
      isOpen={isOpen}
      onClose={onClose}
      action="Confirm it"
      kind="primary"
      isPending={confirm.isPending}
      isDisabled={!compared}
      onConfirm={() => confirm.mutate()}
      refusal={refusalOf(confirm)}
    >
      <p>
        Call <Shown text={passkey.person_name} />, at a number you know, or stand beside them. Have them read
        theirs to you:
      </p>
      <p className={styles['compare']}>{fingerprint(passkey)}</p>
      <p>
        Whoever holds a confirmed key can sign in their name. If it differs, leave it and tell another
        operator.
      </p>
      <Checkbox isSelected={compared} onChange={setCompared}>
        They read me exactly this
      </Checkbox>
    </Ask>
  );
}

export function Rename({ passkey, isOpen, onClose }: Props) {
  const [name, setName] = useState(passkey.name);
  const rename = useChange({
    run: () => gate.passkeys.rename(passkey.id, name.trim()),
    stale,
    onDone: onClose,
    shows_refusal: true,
  });
  return (
    <Ask
      title="Rename the passkey"
      isOpen={isOpen}
      onClose={onClose}
      action="Rename"
      kind="primary"
      isPending={rename.isPending}
      isDisabled={name.trim() === ''}
      onConfirm={() => rename.mutate()}
      refusal={refusalOf(rename)}
    >
      <TextField label="Its name" value={name} onChange={setName} maxLength={60} autoFocus />
    </Ask>
  );
}

export function Revoke({ passkey, isOpen, onClose }: Props) {
  const revoke = useChange({
    run: () => gate.passkeys.revoke(passkey.id),
    stale,
    said: () => 'Revoked. It signs nothing any more.',
    onDone: onClose,
    shows_refusal: true,
  });
  return (
    <Ask
      title="Revoke this passkey?"
      isOpen={isOpen}
      onClose={onClose}
      action="Revoke it"
      isPending={revoke.isPending}
      onConfirm={() => revoke.mutate()}
      refusal={refusalOf(revoke)}
    >
      <p>
        <Shown text={passkey.name} /> of <Shown text={passkey.person_name} /> will sign nothing any more. What
        it signed and has not run no longer counts. This cannot be undone; a new key has to be made and
        confirmed.
      </p>
    </Ask>
  );
}
