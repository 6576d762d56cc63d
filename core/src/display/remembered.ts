// What is true of a character is true wherever it stands: looked up in the Unicode tables once, not once a character of a
// long text. Bounded; what is full is emptied.

const REMEMBERED_MAX = 10_000;

export function remembered<K extends string | number, V>(judge: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found as V;
    if (known.size >= REMEMBERED_MAX) known.clear();
    const value = judge(key);
    known.set(key, value);
    return value;
  };
}
