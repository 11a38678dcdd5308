// Verifies host keys against known_hosts, as in sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".

import { createHash, createHmac } from 'node:crypto';
import { matchesGlob } from '../../core/text/glob.ts';

export interface KnownHostKey {
  /** `type` and `key` have the form of the file. */
  type: string;
  key: Buffer;
  isRevoked: boolean;
  lineNumber: number;
}

type HostKeyVerdict =
  | { kind: 'known' }
  | { kind: 'unknown' }
  | { kind: 'changed'; lineNumber: number }
  | { kind: 'revoked'; lineNumber: number };

/** Returns the name of a machine in known_hosts: with its port, unless that is 22. */
export function knownHostName({ host, port }: { host: string; port: number }): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** Returns lines about this host; skips malformed lines and certificate authorities. */
export function keysOf(name: string, knownHosts: string): KnownHostKey[] {
  return knownHosts.split('\n').flatMap((line, index) => {
    const fields = line.trim().split(/\s+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    const [patterns, type, key] = fields;
    if (patterns === undefined || patterns.startsWith('#') || type === undefined || key === undefined) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    if (!isMeant(name, patterns)) return [];
    return [{ type, key: Buffer.from(key, 'base64'), isRevoked: marker === '@revoked', lineNumber: index + 1 }];
  });
}

export function judgeHostKey(known: readonly KnownHostKey[], offered: Buffer): HostKeyVerdict {
  const same = known.filter(({ key }) => key.equals(offered));
  const revoked = same.find(({ isRevoked }) => isRevoked);
  if (revoked !== undefined) return { kind: 'revoked', lineNumber: revoked.lineNumber };
  if (same.length > 0) return { kind: 'known' };
  const other = known.find(({ type, isRevoked }) => !isRevoked && type === typeOf(offered));
  return other === undefined ? { kind: 'unknown' } : { kind: 'changed', lineNumber: other.lineNumber };
}

/** Reads the first field of a public key: its length in four bytes, then its name (RFC 4253, 6.6). */
export function typeOf(key: Buffer): string {
  return key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** Formats the fingerprint like ssh and ssh-keygen. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function isMeant(name: string, patterns: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(patterns) ?? [];
  if (salt !== undefined && hash !== undefined) {
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const matching = patterns.split(',').filter((pattern) => matchesGlob(name, pattern.replace(/^!/, '').toLowerCase()));
  return matching.length > 0 && !matching.some((pattern) => pattern.startsWith('!'));
}
