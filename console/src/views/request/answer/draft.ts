/** A reason half written is kept in this tab until it is sent: whoever must sign in again, or loses the race, keeps it. */
import { useState } from 'react';

const keyOf = (id: string): string => `countersign.reason.${id}`;

export function useDraft(id: string): readonly [text: string, set: (text: string) => void] {
  const [text, setText] = useState(() => sessionStorage.getItem(keyOf(id)) ?? '');
  return [
    text,
    (next) => {
      if (next === '') sessionStorage.removeItem(keyOf(id));
      else sessionStorage.setItem(keyOf(id), next);
      setText(next);
    },
  ];
}
