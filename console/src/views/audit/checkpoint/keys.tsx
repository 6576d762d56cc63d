/** The key every check stands on: where it came from, and how somebody says which one is right. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { forget, pin } from '../../../data/log/kept.ts';
import { keyIn, type LogState } from '../../../data/log/state.ts';
import { Button } from '../../../kit/button.tsx';
import { Id } from '../../../kit/data/copy.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { Facts, Row, Section, Stack } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Dialog } from '../../../kit/over/dialog.tsx';
import { say } from '../../../kit/over/toast.tsx';
import { Exactly } from '../../../kit/time.tsx';

export function PinnedKey({ state: { trust } }: { readonly state: LogState }) {
  const [changing, setChanging] = useState<'pin' | 'forget'>();
  return (
    <Section title="The log’s key">
      <Stack>
        <Facts
          rows={[
            ['Key', <Id key="key" text={trust.key} />],
            ['Trusted because', <Why key="why" trust={trust} />],
            ['Since', trust.since === undefined ? undefined : <Exactly key="since" at={trust.since} />],
            [
              'The gateway names',
              trust.served_other === undefined ? undefined : <Id key="other" text={trust.served_other} />,
            ],
          ]}
        />
        <p>
          A log never changes its key. Get it once from whoever runs the gateway, not from the gateway itself
          (it is the line in its file data/log.vkey), and pin it: from then on nothing signed by another key
          passes here.
        </p>
        <Row>
          <Button kind={trust.from === 'pinned' ? 'plain' : 'primary'} onPress={() => setChanging('pin')}>
            {trust.from === 'pinned' ? 'Pin another key' : 'Pin the key'}
          </Button>
          {trust.from === 'served' ? null : (
            <Button kind="quiet" onPress={() => setChanging('forget')}>
              Forget what this browser keeps
            </Button>
          )}
        </Row>
      </Stack>
      {changing === 'pin' ? <PinDialog onClose={() => setChanging(undefined)} /> : null}
      {changing === 'forget' ? <ForgetDialog onClose={() => setChanging(undefined)} /> : null}
    </Section>
  );
}

function Why({ trust }: { readonly trust: LogState['trust'] }) {
  switch (trust.from) {
    case 'pinned':
      return (
        <Mark tone="green" shape="tick">
          Somebody pinned it in this browser
        </Mark>
      );
    case 'kept':
      return (
        <>
          <Mark tone="amber" shape="half">
            Not pinned
          </Mark>{' '}
          It is the first this gateway gave here.
        </>
      );
    case 'served':
      return (
        <>
          <Mark tone="amber" shape="half">
            Not pinned
          </Mark>{' '}
          This gateway gave it just now.
        </>
      );
  }
}

function PinDialog({ onClose }: { readonly onClose: () => void }) {
  const cache = useQueryClient();
  const [text, setText] = useState('');
  const [tried, setTried] = useState(false);
  const key = keyIn(text);
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    setTried(true);
    if (key === undefined) return;
    pin(localStorage, key, Date.now());
    void cache.invalidateQueries({ queryKey: ['log'] });
    say({ text: 'Pinned. Nothing signed by another key passes in this browser.' });
    onClose();
  };
  const error =
    tried && key === undefined
      ? { error: 'Not a log key. It is one line: a name, eight hex digits, and the key.' }
      : {};
  return (
    <Dialog
      title="Pin the log’s key"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" onPress={() => submit()}>
            Pin
          </Button>
        </>
      }
    >
      <form onSubmit={submit}>
        <TextField
          label="The key you were given"
          hint="From the operator, on paper, by a colleague: not copied from this page."
          value={text}
          onChange={setText}
          placeholder="gate.example.com/log+1a2b3c4d+AR…"
          mono
          autoFocus
          {...error}
        />
      </form>
    </Dialog>
  );
}

function ForgetDialog({ onClose }: { readonly onClose: () => void }) {
  const cache = useQueryClient();
  return (
    <Dialog
      title="Forget what this browser keeps?"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button
            kind="danger"
            onPress={() => {
              forget(localStorage);
              void cache.invalidateQueries({ queryKey: ['log'] });
              onClose();
            }}
          >
            Forget
          </Button>
        </>
      }
    >
      <p>
        The key, the witnesses and the kept checkpoint. After that this browser can no longer tell whether the
        log was rewritten before now. Save the kept checkpoint first if there is any doubt.
      </p>
    </Dialog>
  );
}
