// Names that say what their value is: a JSON key, a header, a variable. Labels find what no pattern can (a password, a
// person's name). A name counts by its last words, so `DB_PASSWORD` and `clientSecret` count and `password_reset_url`
// does not.
import type { MaskKind } from './detector.ts';

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
const TRAILERS = new Set(
  'prod,production,dev,staging,stage,test,old,new,current,previous,primary,secondary,value,string,text,base64,b64,plain,plaintext,raw,encrypted,hash,hashed,digest,confirm,confirmation,env'.split(
    ',',
  ),
);

/** Packages are called cookie, passport and token; a version under such a name is no value of theirs. */
const VERSION_CHARS_MAX = 64;
const VERSION = /^[~^<>=v]{0,2}[0-9]{1,4}\.[0-9]{1,5}\.[0-9]{1,5}(?:-[0-9A-Za-z.]{1,30})?$/;

export function isVersion(value: string): boolean {
  return value.length <= VERSION_CHARS_MAX && value.includes('.') && VERSION.test(value);
}

const WORDS_MAX = 4;
export const NAME_CHARS_MAX = 64;
const NUMBER_DIGITS_MAX = 3;
const CACHE_ENTRIES_MAX = 4096;

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
/** Most names end in none of these, and are done with. */
const lastWords = new Set([...names.keys()].map((name) => name.split(' ').at(-1)));
const harmlessTokens = new Set(HARMLESS_TOKENS.split(','));

/** Keys repeat from answer to answer. Bounded: full means empty it and start again. */
const cache = new Map<string, Label | null>();

/** What a name says about its value; undefined when it says nothing. */
export function labelOf(name: string): Label | undefined {
  if (name.length > NAME_CHARS_MAX || name.length < 2) return undefined;
  const cached = cache.get(name);
  if (cached !== undefined) return cached ?? undefined;
  const label = judge(wordsOf(name));
  if (cache.size >= CACHE_ENTRIES_MAX) cache.clear();
  cache.set(name, label ?? null);
  return label;
}

function labelText(name: string): string {
  return name.replaceAll(' ', '-');
}

/** `clientSecret`, `CLIENT_SECRET2`, `client-secret` → client, secret. One pass: names may be many, and a stranger's. */
function wordsOf(name: string): readonly string[] {
  const words: string[] = [];
  let start = 0;
  for (let at = 0; at <= name.length; at += 1) {
    if (kindAt(name, at) === OTHER) {
      addWord(words, name.slice(start, at));
      start = at + 1;
    } else if (beginsWord(name, at)) {
      addWord(words, name.slice(start, at));
      start = at;
    }
  }
  while (words.length > 1 && isTrailer(words.at(-1) ?? '')) words.pop();
  return words;
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
function addWord(words: string[], written: string): void {
  if (written === '') return;
  let end = written.length;
  while (end > 0 && kindAt(written, end - 1) === DIGIT) end -= 1;
  const numbered = end > 0 && written.length - end <= NUMBER_DIGITS_MAX;
  words.push((numbered ? written.slice(0, end) : written).toLowerCase());
}

function isTrailer(word: string): boolean {
  return TRAILERS.has(word) || /^[0-9]{1,4}$/.test(word);
}

function judge(words: readonly string[]): Label | undefined {
  const last = words.at(-1) ?? '';
  for (let count = lastWords.has(last) ? Math.min(WORDS_MAX, words.length) : 0; count > 0; count -= 1) {
    const found = names.get(words.slice(-count).join(' '));
    if (found === undefined) continue;
    // "product name" or "file state" is not personal, "customer email" is.
    if (found.weak === true && words.length > count) return undefined;
    if (found.text_only === true && harmlessTokens.has(words.at(-count - 1) ?? '')) return undefined;
    return found;
  }
  const joined = RUN_TOGETHER.exec(last)?.[0];
  return joined === undefined ? undefined : { kind: 'secret', label: joined };
}
