/** Texts that are nearly right: whole ones, cut, doubled and salted with the characters that matter. */
import fc from 'fast-check';

const PIECES = [
  ...'{}[]":,\\\n\r\t -+.eE0123456789',
  '"a"',
  '"a":',
  '"__proto__":',
  '\\u0061',
  '\\ud800',
  '\\udc00',
  '\u{1f600}',
  '\u202e',
  '\0',
  '\u001b[2K',
  'true',
  'null',
  '1e400',
  '-0',
  '9007199254740993',
  '"jsonrpc":"2.0"',
  '"id":1',
  '"method":"tools/call"',
  '"params":{}',
  '"result":1',
  'data: ',
  'event: ',
  'id: ',
  ': ',
  '\n\n',
  '\r\n',
  '\ufeff',
];

type Edit = readonly [at: number, remove: number, insert: string];
const edits = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 6 }), fc.constantFrom(...PIECES)), { maxLength: 4 });

const edited = (text: string, changes: readonly Edit[]): string =>
  changes.reduce((now, [where, remove, insert]) => {
    const at = now.length === 0 ? 0 : where % (now.length + 1);
    return now.slice(0, at) + insert + now.slice(at + remove);
  }, text);

/** A text of `whole`, a few edits away. */
export const nearly = (whole: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(whole, edits).map(([text, changes]) => edited(text, changes));

export const soup: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 20 })
  .map((pieces) => pieces.join(''));
