/** A certificate, for `localhost` or these names, that signed itself, made now: nothing to expire in the repository, no key in it. */
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

export function selfSigned(names: readonly string[] = ['localhost']): {
  readonly key: string;
  readonly cert: string;
} {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(OID_CN, utf8('localhost'))));
  const [from, to] = [Date.now() - 3_600_000, Date.now() + 86_400_000];
  const san = sequence(
    OID_SAN,
    der(
      0x04,
      sequence(...names.map((each) => der(0x82, Buffer.from(each))), der(0x87, Buffer.from([127, 0, 0, 1]))),
    ),
  );
  const ca = sequence(
    OID_BASIC,
    der(0x01, Buffer.from([0xff])),
    der(0x04, sequence(der(0x01, Buffer.from([0xff])))),
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    sequence(OID_ECDSA_SHA256),
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(ca, san)),
  );
  const signature = createSign('sha256').update(body).sign(privateKey);
  const whole = sequence(
    body,
    sequence(OID_ECDSA_SHA256),
    der(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const set = (...parts: readonly Buffer[]): Buffer => der(0x31, Buffer.concat(parts));
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const OID_CN = oid('550403');
const OID_SAN = oid('551d11');
const OID_BASIC = oid('551d13');
const OID_ECDSA_SHA256 = oid('2a8648ce3d040302');
const time = (at: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replaceAll(/[-:T]|\.\d{3}/g, '')}`));
