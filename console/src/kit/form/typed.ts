/**
 * Words that are typed and belong in the address. What somebody types is theirs at once and the address follows when the
 * page has time: it comes back late, and must then not take away what was typed since. A link or the back button wins.
 */
import { useDeferredValue, useEffect, useRef, useState } from 'react';

export function useTyped(
  said: string,
  tell: (text: string) => void,
): readonly [text: string, type: (text: string) => void] {
  const [text, setText] = useState(said);
  const settled = useDeferredValue(text);
  const typed = useRef(false);
  const last = useRef(said);
  /** Told, and perhaps not in the address yet. */
  const told = useRef(new Set<string>());
  useEffect(() => {
    const own = told.current.has(said);
    if (said === last.current) told.current.clear();
    else if (!own) {
      last.current = said;
      typed.current = false;
      setText(said);
    }
  }, [said]);
  useEffect(() => {
    if (!typed.current || settled !== text) return;
    typed.current = false;
    const words = settled.trim();
    if (words === last.current) return;
    last.current = words;
    told.current.add(words);
    tell(words);
  }, [settled, text, tell]);
  const type = (next: string): void => {
    typed.current = true;
    setText(next);
  };
  return [text, type];
}
