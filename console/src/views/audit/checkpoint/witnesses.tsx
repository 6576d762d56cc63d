/** Who else has seen this tree. A cosignature by a witness one trusts is what makes a second history impossible to hide. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { trustWitnesses } from '../../../data/log/kept.ts';
import { keyIn, type LogState } from '../../../data/log/state.ts';
import { Button } from '../../../kit/button.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { Row, Section, Stack } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Dialog } from '../../../kit/over/dialog.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Exactly } from '../../../kit/time.tsx';
import { counted } from '../../../words/size.ts';
import styles from '../audit.module.css';

export function Witnesses({ state }: { readonly state: LogState }) {
  const [editing, setEditing] = useState(false);
  const { head, keys } = state;
  const held = head.ok ? head.head.witnesses : [];
  const others = head.ok
    ? head.head.signers.filter(
        (name) => name !== keys.log.name && !held.some((witness) => witness.name === name),
      )
    : [];
  return (
    <Section title="Witnesses">
      <Stack>
        {held.length === 0 ? (
          <NoWitness named={keys.witnesses.length} />
        ) : (
          <ul className={styles['plain']}>
            {held.map(({ name, time_s }) => (
              <li key={name}>
                <Mark tone="green" shape="tick">
                  <Shown text={name} />
                </Mark>{' '}
                saw this tree, and no other of its size, on <Exactly at={time_s * 1000} />
              </li>
            ))}
          </ul>
        )}
        {others.length === 0 ? null : (
          <p>
            Also on the note, by keys nobody has named here: <Shown text={others.join(', ')} />.
          </p>
        )}
        <Row>
          <Button onPress={() => setEditing(true)}>
            {keys.witnesses.length === 0 ? 'Trust a witness' : 'Change the witnesses'}
          </Button>
        </Row>
      </Stack>
      {editing ? <WitnessDialog state={state} onClose={() => setEditing(false)} /> : null}
    </Section>
  );
}

function NoWitness({ named }: { readonly named: number }) {
  return (
    <>
      <p>
        <Mark tone="amber" shape="dash">
          {named === 0
            ? 'No witnesses are configured'
            : `${counted(named, 'witness', 'witnesses')} named, none has cosigned this checkpoint`}
        </Mark>
      </p>
      <p>
        A witness is somebody else’s server that signs a checkpoint once it has seen that the log only grew (a
        C2SP cosignature). This gateway asks none by itself yet. Where the log is served with cosignatures, by
        a mirror or a proxy that adds them, name the witness’s key here: they are then checked in this
        browser, and by <code>countersign log verify --witness KEY</code> anywhere else.
      </p>
      <p>
        Until one cosigns, nothing here shows that others are given the same log. Compare checkpoints with
        somebody else: for one size there must be one root.
      </p>
    </>
  );
}

function WitnessDialog({ state, onClose }: { readonly state: LogState; readonly onClose: () => void }) {
  const cache = useQueryClient();
  const [text, setText] = useState((state.kept?.witnesses ?? []).join('\n'));
  const [tried, setTried] = useState(false);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const keys = lines.map(keyIn);
  const wrong = keys.indexOf(undefined);
  const save = (): void => {
    setTried(true);
    if (wrong !== -1) return;
    const { key, since = Date.now() } = state.trust;
    const kept = state.kept ?? { key, since, pinned: false, witnesses: [] };
    trustWitnesses(
      localStorage,
      kept,
      keys.filter((found) => found !== undefined),
    );
    void cache.invalidateQueries({ queryKey: ['log'] });
    onClose();
  };
  const error = tried && wrong !== -1 ? { error: `Line ${wrong + 1} is no witness key.` } : {};
  return (
    <Dialog
      title="Witnesses this browser trusts"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" onPress={save}>
            Save
          </Button>
        </>
      }
    >
      <TextField
        label="Their keys, one a line"
        hint="C2SP verifier keys of type cosignature/v1, from the witnesses themselves."
        value={text}
        onChange={setText}
        lines={4}
        mono
        {...error}
      />
    </Dialog>
  );
}
