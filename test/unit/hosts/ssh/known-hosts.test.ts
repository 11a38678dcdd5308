// Checks host keys against known_hosts.

import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fingerprintOf, judgeHostKey, keysOf, knownHostName, typeOf } from '../../../../hosts/ssh/connect.ts';

const keyOf = (type: string, text: string) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type + text)]);
};
const [ours, theirs, rsa] = [keyOf('ssh-ed25519', 'ours'), keyOf('ssh-ed25519', 'theirs'), keyOf('ssh-rsa', 'ours')];
const line = (hosts: string, key = ours) => `${hosts} ${typeOf(key)} ${key.toString('base64')} comment`;
const verdict = (text: string, { name = 'broker-1', key = ours } = {}) => judgeHostKey(keysOf(name, text), key);

describe('known_hosts', () => {
  test('uses the port in a host name unless it is 22', () => {
    expect(knownHostName({ host: 'Broker-1', port: 22 })).toBe('broker-1');
    expect(knownHostName({ host: 'broker-1', port: 2222 })).toBe('[broker-1]:2222');
  });

  test.each(['broker-1', 'other,broker-1', 'broker-*', 'b?oker-1', '*', 'BROKER-1', '**r-1'])(
    '%s matches broker-1',
    (hosts) => {
      expect(verdict(line(hosts))).toEqual({ kind: 'known' });
    },
  );

  test.each(['broker-2', '[broker-1]:2222', '!broker-1,*', 'broker', '?broker-1', '|1|AAAA|BBBB'])(
    '%s does not match broker-1',
    (hosts) => {
      expect(verdict(line(hosts))).toEqual({ kind: 'unknown' });
    },
  );

  test('matches a hashed name by its hash', () => {
    const salt = Buffer.from('salt');
    const hash = createHmac('sha1', salt).update('broker-1').digest('base64');
    expect(verdict(line(`|1|${salt.toString('base64')}|${hash}`))).toEqual({ kind: 'known' });
  });

  test('another key of the same type is a change, and one of another type is not', () => {
    expect(verdict(`\n# ours\n${line('broker-1', theirs)}`)).toEqual({ kind: 'changed', lineNumber: 3 });
    expect(verdict(line('broker-1', rsa))).toEqual({ kind: 'unknown' });
    expect(verdict(`${line('broker-1', theirs)}\n${line('broker-1')}`)).toEqual({ kind: 'known' });
  });

  test('a revoked key stays revoked, wherever else it is listed', () => {
    const text = `${line('broker-1')}\n@revoked ${line('*')}`;
    expect(verdict(text)).toEqual({ kind: 'revoked', lineNumber: 2 });
    expect(verdict(text, { key: theirs })).toEqual({ kind: 'changed', lineNumber: 1 });
  });

  test('skips certificate authorities and invalid lines', () => {
    expect(verdict(`@cert-authority ${line('*')}\nbroker-1 ssh-ed25519\ngarbage\n\0\n`)).toEqual({ kind: 'unknown' });
  });

  test('matching a pattern with many stars takes time proportional to pattern length times name length', () => {
    expect(verdict(line(`${'*a'.repeat(1000)}b`), { name: 'a'.repeat(2000) })).toEqual({ kind: 'unknown' });
  });

  test('a fingerprint has the format of ssh, and a truncated key has no type', () => {
    expect(fingerprintOf(Buffer.from(''))).toBe('SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU');
    expect(typeOf(Buffer.alloc(2))).toBe('');
  });
});
