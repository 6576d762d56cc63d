// Names that say what their value is: a JSON key, a header, a variable. Labels find what no pattern can (a password, a
// person's name). A name counts by its last words, so `DB_PASSWORD` and `clientSecret` count and `password_reset_url`
// does not.
import type { MaskKind } from './detector.ts';
import { Words } from './words.ts';

export type Label = {
  readonly kind: MaskKind;
  readonly label: string;
  /** Counts only beside another personal label in the same object: `name` alone is anybody's. */
  readonly weak?: true;
  /** Numbers under it are counts or positions, not values. */
  readonly text_only?: true;
};

const SECRET_NAMES =
  'password,passwd,passphrase,pwd,passcode,secret,token,apikey,api key,access key,secret key,secret access key,private key,' +
  'private key data,signing key,encryption key,decryption key,master key,account key,shared key,shared access key,storage key,' +
  'auth key,authkey,service key,service role key,admin key,license key,host key,ssh key,deploy key,client key data,' +
  'secret key base,connection string,authorization,proxy authorization,auth header,cookie,set cookie,credential,credentials,' +
  'session id,sessionid,session key,otp,totp,mfa code,security code,recovery code,recovery codes,backup codes,seed phrase,mnemonic,' +
  'db pass,database pass,smtp pass,mysql pass,pg pass,postgres pass,redis pass,user pass,admin pass,root pass,ftp pass,mail pass,' +
  'imap pass,login pass,auth pass';

const PERSONAL_NAMES =
  'email,e mail,email address,mail address,phone,phone number,telephone,mobile,mobile number,cell,fax,first name,firstname,last name,' +
  'lastname,full name,fullname,surname,given name,family name,maiden name,middle name,dob,date of birth,birth date,birthdate,' +
  'birthday,ssn,social security number,social security,national id,national insurance number,tax id,tin,passport,passport number,' +
  'driver license,drivers license,driving licence,license number,iban,account number,bank account,card number,credit card,pan,cvv,cvc,' +
  'address,home address,street,street address,postal address,address line,address line 1,address line 2,nationality,patient id,' +
  'medical record number,mrn,health insurance number,salary';
const WEAK_PERSONAL_NAMES =
  'name,city,zip,zip code,zipcode,postcode,postal code,gender,sex,age,title,country,state';

/** A token with these before it is a place in a list, or a count. */
const HARMLESS_TOKENS =
  'next,prev,previous,page,pagination,continuation,continue,cursor,sync,progress,start,resume,delta,skip,max,min,total,prompt,' +
  'completion,input,output,cached,reasoning,per,stop,eos,bos,pad,unk,special,idempotency,client request,change,watch';

/** Names often written as one word with what stands before: PGPASSWORD, accesstoken. */
const RUN_TOGETHER =
  /(?:password|passwd|passphrase|apikey|secretkey|accesskey|privatekey|accesstoken|authtoken|refreshtoken|clientsecret)$/;

/** Words after a name that do not change what it names. */
const TRAILERS = new Words(
  'prod,production,dev,staging,stage,test,old,new,current,previous,primary,secondary,value,string,text,base64,b64,plain,plaintext,raw,encrypted,hash,hashed,digest,confirm,confirmation,env'
    .split(',')
    .map((word) => [word, true]),
);

/** Packages are called cookie, passport and token; a version under such a name is no value of theirs. */
const VERSION_CHARS_MAX = 64;
const VERSION = /^[~^<>=v]{0,2}[0-9]{1,4}\.[0-9]{1,5}\.[0-9]{1,5}(?:-[0-9A-Za-z.]{1,30})?$/;

export function isVersion(value: string): boolean {
  return value.length <= VERSION_CHARS_MAX && value.includes('.') && VERSION.test(value);
}

export const NAME_CHARS_MAX = 64;
const NUMBER_DIGITS_MAX = 3;

const names = new Map<string, Label>();
for (const name of SECRET_NAMES.split(','))
  names.set(name, {
    kind: 'secret',
    label: labelText(name),
    ...(name === 'token' ? { text_only: true } : {}),
  });
for (const name of PERSONAL_NAMES.split(',')) names.set(name, { kind: 'pii', label: labelText(name) });
for (const name of WEAK_PERSONAL_NAMES.split(','))
  names.set(name, { kind: 'pii', label: labelText(name), weak: true });
/** Of one word or several, in lower case, strong ones only: what an anchor must be found in. */
export const NAMES = [...names].flatMap(([name, { kind, weak }]) => (weak === true ? [] : [{ name, kind }]));
const harmlessTokens = new Set(HARMLESS_TOKENS.split(','));

/** Names repeat from answer to answer: what was judged last, by a hash of the name. As many as a power of two. */
const SLOTS = 4096;
const judged = new Array<{ readonly name: string; readonly label: Label | undefined } | undefined>(
  SLOTS,
).fill(undefined);

/** What a name says about its value; undefined when it says nothing. */
export function labelOf(name: string): Label | undefined {
  if (name.length > NAME_CHARS_MAX || name.length < 2) return undefined;
  const slot = slotOf(name);
  const found = judged[slot];
  if (found?.name === name) return found.label;
  const label = judge(name);
  judged[slot] = { name, label };
  return label;
}

/** Eight characters are enough to tell names apart, from the end, where they differ most. */
function slotOf(name: string): number {
  const step = 1 + (name.length >> 3);
  let hash = name.length;
  for (let at = name.length - 1; at >= 0; at -= step) hash = (hash * 31 + name.charCodeAt(at)) | 0;
  return hash & (SLOTS - 1);
}

function labelText(name: string): string {
  return name.replaceAll(' ', '-');
}

/** The names there are, by their words from the last to the first: most end in a word that no name here ends in. */
type Ending = { label?: Label; readonly before: Words<Ending> };
const endings: Ending = { before: new Words() };
for (const [name, label] of names) endingOf(name.split(' ')).label = label;

function endingOf(words: readonly string[]): Ending {
  return words.reduceRight((ending, word) => {
    const known = ending.before.get(word);
    if (known !== undefined) return known;
    const longer: Ending = { before: new Words() };
    ending.before.set(word, longer);
    return longer;
  }, endings);
}

/** A word of a name, and where it stands. */
type Word = { readonly text: string; readonly start: number };
const NO_WORD: Word = { text: '', start: 0 };

/**
 * The word before `at`: of `clientSecret`, `CLIENT_SECRET2` and `client-secret`, `secret` and then `client`. Read from the
 * end, and no further than asked: names may be many, and a stranger's.
 */
function wordBefore(name: string, at: number): Word {
  let end = at;
  while (end > 0 && kindAt(name, end - 1) === OTHER) end -= 1;
  if (end === 0) return NO_WORD;
  let start = end - 1;
  while (start > 0 && kindAt(name, start - 1) !== OTHER && !beginsWord(name, start)) start -= 1;
  return { text: plainWord(name.slice(start, end)), start };
}

/** Without the words that do not change what it names, unless there is no other. */
function lastWord(name: string): Word {
  let last = wordBefore(name, name.length);
  while (isTrailer(last.text)) {
    const before = wordBefore(name, last.start);
    if (before === NO_WORD) return last;
    last = before;
  }
  return last;
}

/** `UPPER` after anything but `UPPER`, and the last of several when what follows is `LOWER`: accessKey, HTTPProxy. */
function beginsWord(name: string, at: number): boolean {
  if (kindAt(name, at) !== UPPER) return false;
  const before = kindAt(name, at - 1);
  return before === LOWER || before === DIGIT || (before === UPPER && kindAt(name, at + 1) === LOWER);
}

const [OTHER, LOWER, UPPER, DIGIT] = [0, 1, 2, 3];

function kindAt(name: string, at: number): number {
  const code = name.charCodeAt(at);
  if (code >= 0x61 && code <= 0x7a) return LOWER;
  if (code >= 0x41 && code <= 0x5a) return UPPER;
  return code >= 0x30 && code <= 0x39 ? DIGIT : OTHER;
}

/** `secret2` is a secret. */
function plainWord(written: string): string {
  let end = written.length;
  while (end > 0 && kindAt(written, end - 1) === DIGIT) end -= 1;
  const numbered = end > 0 && written.length - end <= NUMBER_DIGITS_MAX;
  return (numbered ? written.slice(0, end) : written).toLowerCase();
}

function isTrailer(word: string): boolean {
  return TRAILERS.get(word) === true || (kindAt(word, 0) === DIGIT && /^[0-9]{1,4}$/.test(word));
}

function judge(name: string): Label | undefined {
  const last = lastWord(name);
  let found: Label | undefined;
  let before = last;
  let word = last;
  for (let ending = endings.before.get(word.text); ending !== undefined; ) {
    word = wordBefore(name, word.start);
    if (ending.label !== undefined) [found, before] = [ending.label, word];
    ending = ending.before.get(word.text);
  }
  if (found === undefined) {
    const joined = RUN_TOGETHER.exec(last.text)?.[0];
    return joined === undefined ? undefined : { kind: 'secret', label: joined };
  }
  // "product name" or "file state" is not personal, "customer email" is.
  if (found.weak === true && before !== NO_WORD) return undefined;
  return found.text_only === true && harmlessTokens.has(before.text) ? undefined : found;
}
