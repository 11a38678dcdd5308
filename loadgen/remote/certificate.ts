// Creates the run's certificate authority and the certificates of coordinator and workers (X.509 in DER).

import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

interface Identity {
  /** PEM. */
  certificate: string;
  /** PEM, PKCS #8. */
  key: string;
}

/** Longer than a soak test of one month. */
export const lifetimeDays = 60;
/** Starts validity in the past, so that a machine with a slow clock can connect and receive the clock error. */
const earlierDays = 7;

/*
 * RFC 5280, section 4.1:
 *
 *   Certificate     SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }
 *   TBSCertificate  SEQUENCE { [0] { version 2 }, serial INTEGER, signatureAlgorithm, issuer Name,
 *                              SEQUENCE { notBefore, notAfter }, subject Name, SubjectPublicKeyInfo, [3] { Extensions } }
 *   Name            SEQUENCE { SET { SEQUENCE { commonName OID, UTF8String } } }
 *   Extension       SEQUENCE { OID, critical BOOLEAN OPTIONAL, OCTET STRING }
 */
const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  version: 0xa0,
  extensions: 0xa3,
} as const;

const oids = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  extendedKeyUsage: '551d25',
  serverAuth: '2b06010505070301',
  clientAuth: '2b06010505070302',
} as const;

/** @param now start of its validity; the authority's key never leaves this process */
export function createAuthority(now: Date) {
  const own = newKey();
  const issuer = 'authority of a plimsoll run';
  const make = (subject: string, publicKey: KeyObject, extensions: readonly Buffer[]) =>
    toPem(signed(own.privateKey, { issuer, subject, publicKey, extensions, now }));
  // KeyUsage bits: digitalSignature is the first, keyCertSign the sixth.
  const certificate = make(issuer, own.publicKey, [
    extension('basicConstraints', sequence(der('boolean', Buffer.from([0xff]))), true),
    extension('keyUsage', der('bitString', Buffer.from([2, 0b100])), true),
  ]);
  return {
    /** Certificate of the authority in PEM. */
    certificate,
    issue(name: string, use: 'server' | 'client'): Identity {
      const { privateKey, publicKey } = newKey();
      return {
        certificate: make(name, publicKey, [
          extension('keyUsage', der('bitString', Buffer.from([7, 0b1000_0000])), true),
          extension('extendedKeyUsage', sequence(oid(use === 'server' ? 'serverAuth' : 'clientAuth'))),
          extension('subjectAltName', sequence(der('dnsName', Buffer.from(name)))),
        ]),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

interface Contents {
  issuer: string;
  subject: string;
  publicKey: KeyObject;
  extensions: readonly Buffer[];
  now: Date;
}

function signed(key: KeyObject, { issuer, subject, publicKey, extensions, now }: Contents): Buffer {
  const algorithm = sequence(oid('ecdsaWithSha256'));
  const day = (days: number) => new Date(now.getTime() + days * 86_400_000);
  const toBeSigned = sequence(
    der('version', der('integer', Buffer.from([2]))),
    // RFC 5280 requires a positive number: the first bit is clear; no leading zero byte.
    der('integer', Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    algorithm,
    commonName(issuer),
    sequence(moment(day(-earlierDays)), moment(day(lifetimeDays))),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der('extensions', sequence(...extensions)),
  );
  const signature = sign('sha256', toBeSigned, key);
  return sequence(toBeSigned, algorithm, der('bitString', Buffer.concat([Buffer.from([0]), signature])));
}

function der(tag: keyof typeof tags, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const hex = body.length.toString(16);
  const long = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const length = body.length < 0x80 ? Buffer.from([body.length]) : Buffer.from([0x80 | long.length, ...long]);
  return Buffer.concat([Buffer.from([tags[tag]]), length, body]);
}

const sequence = (...content: readonly Buffer[]) => der('sequence', ...content);
const oid = (name: keyof typeof oids) => der('oid', Buffer.from(oids[name], 'hex'));
const commonName = (name: string) => sequence(der('set', sequence(oid('commonName'), der('utf8', Buffer.from(name)))));

/** RFC 5280 requires a two-digit year until 2049. */
function moment(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050
    ? der('utcTime', Buffer.from(digits.slice(2)))
    : der('generalizedTime', Buffer.from(digits));
}

function extension(name: keyof typeof oids, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [der('boolean', Buffer.from([0xff]))] : [];
  return sequence(oid(name), ...critical, der('octetString', value));
}

const toPem = (bytes: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
