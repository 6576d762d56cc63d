// Is what stands after a secret's name a value, or prose, a placeholder, a type, a piece of code? An agent may write back
// what it reads, so a mark in the wrong place breaks files; a value let through is a leak. The surer the tie between
// name and value, the less is asked of the value.
import type { MaskKind } from '../detector.ts';
import { isVersion, type Label, labelOf } from '../labels.ts';
import { isMark } from '../marks.ts';
import { Words } from '../words.ts';
import { isLower, isSpace, isUpper, LETTERS, oneOf } from './chars.ts';

/** How the value was tied to its name, from sure to doubtful: `"…"`, `=x`, `: x`, `| x`. */
export type Tie = 'quoted' | 'tight' | 'loose' | 'cell';

/** What stands where a value would, and is none; in any case of letters. */
const PLACEHOLDER_WORDS =
  'string,str,text,number,int,integer,bool,boolean,object,array,list,any,unknown,void,null,none,nil,undefined,true,false,yes,no,required,optional,bearer,basic,type,password,passwd,pass,secret,token,key,value,example,redacted,masked,hidden,empty,expired,invalid,valid,missing,incorrect,wrong,unset,default,env,file,vault,sensitive,n/a';
const PLACEHOLDER_WORD_MAX = 9;
const placeholderWords = new Words(PLACEHOLDER_WORDS.split(',').map((word) => [word, true]));

const PLACEHOLDER_FORM =
  /^(?:your[-_ ][\w -]{1,40}|-+|\.+|\*+|•+|x{3,}|<[^>]{0,80}>?|\$[\w.:-]{1,80}|\$\{[^}]{0,200}\}?|\$\{\{.{0,80}|\{\{.{0,80}|%\(?\w{1,40}\)?[s%]?|\(sensitive(?: value)?\)|(?:env|file):[\w./-]{1,200})$/i;
/** No form begins with anything else, but `•`. */
const beginsForm = oneOf('yYeEfFxX-.*<${%(');
const BULLET = 0x2022;

function isPlaceholder(value: string): boolean {
  if (value.length <= PLACEHOLDER_WORD_MAX && placeholderWords.get(value.toLowerCase()) === true) return true;
  const first = value.charCodeAt(0);
  return (beginsForm(first) || first === BULLET) && PLACEHOLDER_FORM.test(value);
}

/** Punctuation of the sentence or line that a value cannot begin with: the quotation mark before it closed something. */
const AFTER_QUOTE = /^\s{0,4}(?:[,;)\]}+]|\.\w)/;

const CODE_ROOT =
  /^(?:process|os|self|this|config|cfg|env|settings|args|argv|req|request|ctx|context|options|opts|params|data|event|secrets|vars|var|local|module|props|state|user|session|response|res|body|headers|input|import|null)\b[.?[]/;
const KEYWORD =
  /^(?:await|new|async|function|typeof|require|import|return|yield|throw|null|undefined|true|false)\b[ (,;]/;
const ARROW_OR_BLOCK = /=>|[{;]$/;
const CALL_OR_INDEX = /^[A-Za-z_$][\w$.]{0,80}[([<]/;
const OPEN_CALL = /^[A-Za-z_$][\w$.]{0,80}[([]$/;
const MEMBER_CHAIN = /^[A-Za-z_$]+(?:\??\.[A-Za-z_$]+)+$/;
/** camelCase or PascalCase of whole words: a name, not a random string. */
const NAME_OF_WORDS = /^[A-Za-z]?[a-z]{2,30}(?:Id|[A-Z]{1,4}[a-z]{2,30}){0,8}[A-Z]{0,4}$/;
const SCHEME = /^(?:bearer|basic|digest|token|apikey|negotiate|dpop)\s/i;

/** `raw` is what stands where the value would. */
export function isValue(raw: string, tie: Tie, { kind, text_only }: Label): boolean {
  const written = raw.trim();
  const value = withoutEnd(written, isStop);
  if (value === '' || isPlaceholder(value) || isVersion(value)) return false;
  if (raw === '[masked:' || isMark(written)) return false;
  if (text_only === true && /^[0-9]{1,9}$/.test(value)) return false;
  return LOOKS_TIED[tie](written, kind);
}

const isStop = oneOf('.,;:!?');
const isWordEnd = oneOf('.,;:!?)');

/** Without the end of the sentence: at most three marks. */
function withoutEnd(written: string, isMarkOf: (code: number) => boolean): string {
  let end = written.length;
  while (end > 0 && end > written.length - 3 && isMarkOf(written.charCodeAt(end - 1))) end -= 1;
  return end === written.length ? written : written.slice(0, end);
}

const LOOKS_TIED: { readonly [tie in Tie]: (value: string, kind: MaskKind) => boolean } = {
  quoted: (value) => !AFTER_QUOTE.test(value),
  tight: (value) => value.length >= 3 && !isNameInCode(value) && !isOpenCode(value),
  loose: (value, kind) => (kind === 'pii' ? /[0-9]/.test(value) : isUnlikeProse(value)) && !isCode(value),
  cell: (value) => value.length >= 8 && /[0-9]/.test(value) && /[A-Za-z]/.test(value),
};

/** `password=user_password`, `token=creds.accessToken`: the value is a name of the same sort. */
function isNameInCode(value: string): boolean {
  return /^[A-Za-z_$][A-Za-z_$.]{1,63}$/.test(value) && labelOf(value) !== undefined;
}

/** None of it, and a value is no expression. */
const CODE_MARKS = /[.?[( ,;<{]|=>/;

/** `password=process.env.PASSWORD`, `token=getToken(` */
function isOpenCode(value: string): boolean {
  return CODE_MARKS.test(value) && (CODE_ROOT.test(value) || OPEN_CALL.test(value));
}

function isCode(value: string): boolean {
  if (!CODE_MARKS.test(value)) return isNameInCode(value);
  if (SCHEME.test(value)) return false;
  const expression = CODE_ROOT.test(value) || CALL_OR_INDEX.test(value) || MEMBER_CHAIN.test(value);
  return (
    expression ||
    value.startsWith('(') ||
    KEYWORD.test(value) ||
    ARROW_OR_BLOCK.test(value) ||
    isNameInCode(value)
  );
}

const isProse = oneOf(`${LETTERS}.,:;!?_-`);
const WORD_CHARS_MAX = 15;

/** Some word of it has digits or symbols, or is too long to be a word; names and variables to be filled in do not count. */
function isUnlikeProse(value: string): boolean {
  let start = 0;
  let suspect = false;
  let before = 0;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (isSpace(code)) {
      if (suspect && isUnlikeWord(value.slice(start, at))) return true;
      suspect = false;
      start = at + 1;
    } else suspect ||= !isProse(code) || at - start >= WORD_CHARS_MAX || (isUpper(code) && isLower(before));
    before = code;
  }
  return suspect && isUnlikeWord(value.slice(start));
}

/** Of a word that has something no word of prose has. */
function isUnlikeWord(word: string): boolean {
  const plain = withoutEnd(word, isWordEnd);
  if (plain.length < 4 || isPlaceholder(plain) || NAME_OF_WORDS.test(plain)) return false;
  return plain.length >= 16 || /[0-9]|[^A-Za-z0-9.,:;!?_-]|[a-z][A-Z]/.test(plain);
}
