// The shapes a known secret can take on its way out: as it is, quoted in JSON, in a URL, in HTML, in hex, in base64.
// A piece of base64 too short to be telling is left out; nothing else is.

/** Shorter pieces of hex or base64 would match by accident. */
const ENCODED_CHARS_MIN = 6;
/** A line of a longer secret (a PEM key) is a secret of its own. */
const LINE_CHARS_MIN = 16;
const LINES_MAX = 400;

/** One text to search for; `alphabet` names neighbours that carry leftover bits and are masked too. */
export type Form = { readonly text: string; readonly alphabet?: RegExp };

const BASE64 = /[A-Za-z0-9+/_-]/;

/** Every form of `secret`, the raw value first, without repeats. */
export function formsOf(secret: string): readonly Form[] {
  const bytes = Buffer.from(secret, 'utf8');
  const forms = new Map<string, Form>([[secret, { text: secret }]]);
  const add = (form: Form): void => {
    if (!forms.has(form.text)) forms.set(form.text, form);
  };
  for (const text of written(secret)) add({ text });
  for (const text of hexForms(bytes)) add({ text });
  for (const text of base64Forms(bytes))
    if (text.length >= ENCODED_CHARS_MIN) add({ text, alphabet: BASE64 });
  for (const line of linesOf(secret)) add({ text: line });
  return [...forms.values()];
}

function written(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = encodeUriBytes(secret);
  return [
    json,
    json.replaceAll('/', '\\/'),
    escapeNonAscii(json),
    JSON.stringify(json).slice(1, -1), // JSON inside JSON
    percent,
    lowerEscapes(percent),
    strictPercent(percent),
    lowerEscapes(strictPercent(percent)),
    percent.replaceAll('%20', '+'),
    strictPercent(percent).replaceAll('%20', '+'),
    htmlEscape(secret),
    secret.replace(/\r?\n/g, '\r\n'),
  ];
}

/** Four characters of a secret are at least eight of hex: long enough to be telling. */
function hexForms(bytes: Buffer): readonly string[] {
  const hex = bytes.toString('hex');
  return [hex, hex.toUpperCase()];
}

/** encodeURIComponent, but defined for lone surrogates too. */
function encodeUriBytes(secret: string): string {
  return encodeURIComponent(secret.toWellFormed());
}

/** RFC 3986 reserves these as well; encoders differ. */
function strictPercent(encoded: string): string {
  return encoded.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function lowerEscapes(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (escape_) => escape_.toLowerCase());
}

function escapeNonAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function htmlEscape(secret: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return secret.replace(/[&<>"']/g, (char) => names[char] ?? char);
}

/**
 * Base64 of something that contains the secret: where it starts, modulo three bytes, decides the characters. Only those
 * fully decided by the secret are searched for; their neighbours hold its leftover bits.
 */
function base64Forms(bytes: Buffer): readonly string[] {
  const forms: string[] = [];
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + bytes.length) * 8) / 6);
    const core = encoded.slice(first, last);
    forms.push(core, core.replaceAll('+', '-').replaceAll('/', '_'), core.replaceAll('/', '\\/'));
  }
  return forms;
}

function linesOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/);
  if (lines.length === 1) return [];
  return lines
    .slice(0, LINES_MAX)
    .filter((line) => line.length >= LINE_CHARS_MIN && !line.startsWith('-----'));
}
