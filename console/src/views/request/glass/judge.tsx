/** The review afterwards: was it right? One verdict, with a note, by somebody else than whoever broke it. */
import type { GlassVerdict } from '@countersign/sdk';
import { useState } from 'react';
import { useChange } from '../../../data/change.ts';
import { gate, wordsOf } from '../../../data/gate.ts';
import { Button } from '../../../kit/button.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { Row } from '../../../kit/layout.tsx';
import { Problem } from '../../../kit/said.tsx';
import styles from './glass.module.css';

export function Judge({ id }: { readonly id: string }) {
  const [note, setNote] = useState('');
  const change = useChange({
    run: (verdict: GlassVerdict) => gate.breakGlass.close(id, { verdict, note: note.trim() }),
    stale: [['break-glass'], ['requests']],
    said: () => 'Closed: your verdict is on the record.',
    shows_refusal: true,
  });
  const off = note.trim() === '' || change.isPending;
  return (
    <div className={styles['judge']}>
      <TextField
        label="You may close the review. What did you find?"
        lines={3}
        value={note}
        onChange={setNote}
        maxLength={2000}
      />
      <Row>
        <Button isDisabled={off} onPress={() => change.mutate('justified')}>
          It was justified
        </Button>
        <Button kind="danger" isDisabled={off} onPress={() => change.mutate('not_justified')}>
          It was not
        </Button>
      </Row>
      {change.isError ? <Problem title="It is still open" detail={wordsOf(change.error)} /> : null}
    </div>
  );
}
