// Secrets known by their form rather than by a vendor's prefix: key files, tokens of public standards, credentials in
// URLs and headers.
import type { Shape } from './pattern.ts';

/** The longest of these: a PEM key of 16,384 bits, or a signed token with many claims. */
export const SHAPE_CHARS_MAX = 24_576;

const PEM_BODY = '(?:[^-]|-(?!----)){0,16384}';

export const SHAPES: readonly Shape[] = [
  {
    label: 'private-key',
    anchors: ['-----BEGIN '],
    // Cut off or whole, in lines or escaped: from the header to the footer, or as far as a key can reach.
    shape: `-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----${PEM_BODY}(?:-----END [A-Z0-9 ]{0,40}-----)?`,
    accept: (match) => /[A-Za-z0-9+/=]{16}/.test(match.slice(20)),
  },
  {
    label: 'private-key',
    anchors: ['Private-Lines:'],
    shape: 'Private-Lines:\\s{0,2}[0-9]{1,3}\\s{1,4}((?:[A-Za-z0-9+/=]{1,64}\\s{1,2}){1,200})',
  },
  {
    label: 'jwt',
    anchors: ['eyJ'],
    shape:
      '(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,1024}(?:\\.[A-Za-z0-9_-]{0,8192}){2}(?:\\.[A-Za-z0-9_-]{0,2048}){0,2}',
  },
  {
    label: 'url-credentials',
    anchors: ['://'],
    shape: '://[^\\s:@/?#"\'<>\\\\]{0,256}:([^\\s/"\'<>\\\\]{1,512})@',
    accept: (match) => !/^(?:\$\{?[\w.]{1,80}\}?|\*+|x{3,}|\[masked: .*\])$/i.test(match),
  },
  {
    label: 'bearer-token',
    anchors: ['bearer'],
    shape: '(?<![A-Za-z0-9])bearer\\s{1,4}([A-Za-z0-9._~+/=-]{16,8192})',
    flags: 'i',
    accept: (match) => /[0-9]/.test(match) || /[a-z][A-Z]/.test(match),
  },
  {
    label: 'basic-credentials',
    anchors: ['basic'],
    shape: '(?<![A-Za-z0-9])basic\\s{1,4}([A-Za-z0-9+/]{8,1024}={0,2})',
    flags: 'i',
    accept: (match) =>
      /^[^\s:]{1,256}:[\x20-\x7e]{1,256}$/.test(Buffer.from(match, 'base64').toString('latin1')),
  },
  {
    label: 'netrc-password',
    anchors: ['login'],
    shape: '(?<![\\w-])login\\s{1,8}\\S{1,256}\\s{1,8}password\\s{1,8}(\\S{1,256})',
  },
  {
    label: 'command-password',
    anchors: ['-u ', '-u=', '--user', '--proxy-user'],
    shape: '(?<![\\w-])(?:-u|-U|--user|--proxy-user)[ =]["\']?[A-Za-z0-9_.@-]{1,128}:([^\\s"\'$:/]{4,256})',
    accept: (match) => /[A-Za-z]/.test(match) && /[^a-z.-]/.test(match),
  },
  { label: 'command-password', anchors: ['sshpass'], shape: 'sshpass -p ?["\']?([^\\s"\'$]{1,256})' },
  {
    label: 'password',
    anchors: ['pass'],
    shape: '(?<![A-Za-z])pass(?:word|phrase|code) (?:is|was|to)[: ]{1,2}["\'`]?([^\\s"\'`,;]{4,256})',
    flags: 'i',
    accept: (match) => /[0-9]/.test(match) && /[A-Za-z]/.test(match),
  },
];
