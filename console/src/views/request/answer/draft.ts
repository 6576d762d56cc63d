/**
 * A reason half written is kept in this tab until it is sent: whoever must sign in again, or loses the race, keeps it.
 * Nobody else who signs in here is given it, or could send it as theirs.
 */
import { useState } from 'react';
import { useMe } from '../../../data/me.ts';

export function useDraft(id: string): readonly [text: string, set: (text: string) => void] {
  const key = `countersign.reason.${useMe().id}.${id}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? '');
  return [
    text,
    (next) => {
      if (next === '') sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, next);
      setText(next);
    },
  ];
}
