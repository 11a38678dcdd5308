// Opens one SSH connection, directly or through a jump host, and checks host keys; each failure has a separate message.

import { open, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { constants } from 'node:fs';
import { createHash, createHmac } from 'node:crypto';
import { NodeSSH } from 'node-ssh';
import { AppError, faultAs, ignoreFault } from '../../core/errors.ts';
import type { SshAccess } from './config.ts';
import { matchesGlob } from '../../core/text/glob.ts';

export interface SshTarget extends SshAccess {
  knownHostsFile?: string | undefined;
  jump?: SshAccess | undefined;
}

export const handshakeMilliseconds = 10_000;
const keepalive = { keepaliveInterval: 5000, keepaliveCountMax: 3 };

/** Order of preference; the algorithm of a key known for the machine goes first. */
const hostKeyAlgorithms = [
  { algorithm: 'ssh-ed25519', type: 'ssh-ed25519' },
  { algorithm: 'ecdsa-sha2-nistp256', type: 'ecdsa-sha2-nistp256' },
  { algorithm: 'ecdsa-sha2-nistp384', type: 'ecdsa-sha2-nistp384' },
  { algorithm: 'ecdsa-sha2-nistp521', type: 'ecdsa-sha2-nistp521' },
  { algorithm: 'rsa-sha2-512', type: 'ssh-rsa' },
  { algorithm: 'rsa-sha2-256', type: 'ssh-rsa' },
] as const;

/** @throws AppError host-unreachable, host-key-unknown, host-key-changed, ssh-login-refused, ssh-key-unusable, host-hung */
export async function connect(name: string, target: SshTarget): Promise<NodeSSH> {
  const knownHostsFile = target.knownHostsFile ?? join(homedir(), '.ssh/known_hosts');
  if (target.jump === undefined) return connectOnce(name, target, knownHostsFile);
  const jump = await connectOnce(`${name} (its jump host)`, target.jump, knownHostsFile);
  try {
    const { host, port } = target.address;
    const socket = await jump.forwardOut('127.0.0.1', 0, host, port).catch((cause: Error) => {
      throw new AppError(
        'host-unreachable',
        `host ${name}: the jump host cannot reach ${host}:${port}: ${cause.message}`,
        {
          cause,
          hint: 'check the address, and whether the jump host lets this user forward ports (AllowTcpForwarding, authorized_keys)',
        },
      );
    });
    const ssh = await connectOnce(name, target, knownHostsFile, socket);
    ssh.connection?.once('close', () => jump.dispose());
    return ssh;
  } catch (error) {
    jump.dispose();
    throw error;
  }
}

async function connectOnce(
  name: string,
  { address, user, ...access }: SshAccess,
  knownHostsFile: string,
  sock?: Duplex,
): Promise<NodeSSH> {
  const [known, identity] = await Promise.all([readKnown(address, knownHostsFile), readIdentity(access)]);
  const ssh = new NodeSSH();
  let refusal: AppError | undefined;
  try {
    const connected = ssh.connect({
      ...address,
      ...identity,
      ...(sock && { sock }),
      ...keepalive,
      username: user,
      readyTimeout: handshakeMilliseconds,
      algorithms: { serverHostKey: preferred(known) },
      hostVerifier: (key: Buffer) => {
        refusal = refusalOf(key, { name, address, known, knownHostsFile });
        return refusal === undefined;
      },
    });
    // Without a listener, a later error would end this process; `ended` reports it.
    ssh.connection?.on('error', ignoreFault('the failed connection is reported already'));
    // A request is smaller than a segment: Nagle's algorithm would delay each by 40 ms until the previous one is acked.
    ssh.connection?.setNoDelay(true);
    return await connected;
  } catch (cause) {
    ssh.dispose();
    throw (
      refusal ?? faultOf(cause as Error & { level?: string }, `host ${name}: ${user}@${address.host}:${address.port}`)
    );
  }
}

async function readKnown(address: SshAccess['address'], path: string): Promise<KnownHostKey[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    // Without the file no host is known, and the message about the rejected key explains how to add one.
    if (cause.code === 'ENOENT') return '';
    const hint = 'this user must be able to read the known_hosts file';
    return faultAs('host-key-unknown', `cannot read ${path}`, hint)(cause);
  });
  return keysOf(knownHostName(address), text);
}

function preferred(known: readonly KnownHostKey[]) {
  const isKnown = ({ type }: { type: string }) => known.some((key) => key.type === type);
  const [first, others] = [hostKeyAlgorithms.filter(isKnown), hostKeyAlgorithms.filter((row) => !isKnown(row))];
  return [...first, ...others].map(({ algorithm }) => algorithm);
}

function refusalOf(
  key: Buffer,
  of: { name: string; address: SshAccess['address']; known: readonly KnownHostKey[]; knownHostsFile: string },
): AppError | undefined {
  const { address, knownHostsFile } = of;
  const verdict = judgeHostKey(of.known, key);
  const shown = `host ${of.name}: ${address.host}:${address.port} shows the ${typeOf(key)} key ${fingerprintOf(key)}`;
  switch (verdict.kind) {
    case 'known':
      return undefined;
    case 'unknown': {
      const line = `${knownHostName(address)} ${typeOf(key)} ${key.toString('base64')}`;
      return new AppError('host-key-unknown', `${shown}, which ${knownHostsFile} does not have`, {
        hint: `compare the fingerprint with that of the machine, then: echo '${line}' >> ${knownHostsFile}`,
      });
    }
    case 'changed':
      return new AppError(
        'host-key-changed',
        `${shown}, but line ${verdict.lineNumber} of ${knownHostsFile} has another`,
      );
    case 'revoked':
      return new AppError(
        'host-key-changed',
        `${shown}, which line ${verdict.lineNumber} of ${knownHostsFile} revokes`,
      );
  }
}

function faultOf(cause: Error & { level?: string; code?: string }, who: string): AppError {
  switch (cause.level ?? '') {
    case 'client-authentication':
      return new AppError('ssh-login-refused', `${who} is refused: no key of this user is accepted`, { cause });
    case 'client-timeout':
      return new AppError('host-hung', `${who} did not finish the handshake in ${handshakeMilliseconds / 1000} s`, {
        cause,
      });
    case 'agent':
      return new AppError('ssh-key-unusable', `${who}: the SSH agent failed: ${cause.message}`, { cause });
  }
  if (cause.message.startsWith('Cannot parse privateKey')) {
    return new AppError('ssh-key-unusable', `${who}: the private key cannot be read: ${cause.message}`, { cause });
  }
  return new AppError('host-unreachable', `cannot reach ${who}: ${cause.message}`, { cause });
}

type Identity = { agent: string } | { privateKey: string; passphrase?: string };

const maxKeyBytes = 2 ** 16;

/**
 * Reads the key for each connection, so that a replaced key is used.
 * @throws AppError ssh-key-unusable, secret-unreadable
 */
export async function readIdentity({
  privateKeyFile,
  passphrase,
}: Pick<SshAccess, 'privateKeyFile' | 'passphrase'>): Promise<Identity> {
  if (privateKeyFile === undefined) {
    const agent = process.env['SSH_AUTH_SOCK'];
    if (!agent) throw new AppError('ssh-key-unusable', 'no SSH agent: SSH_AUTH_SOCK is not set');
    return { agent };
  }
  const privateKey = await readKeyFile(privateKeyFile);
  return { privateKey, ...(passphrase && { passphrase: passphrase.reveal() }) };
}

async function readKeyFile(path: string): Promise<string> {
  const unusable = (why: string, cause?: unknown) =>
    new AppError('ssh-key-unusable', `cannot use the private key ${path}: ${why}`, { cause });
  await using file = await open(path).catch((cause: Error) => {
    throw unusable(cause.message, cause);
  });
  const { mode, size, uid } = await file.stat();
  // Like ssh: a key that others can read is not secret.
  if ((mode & tooOpen(uid)) !== 0) {
    throw unusable(`others may read it (mode ${(mode & 0o777).toString(8)}); run chmod 600 ${path}`);
  }
  if (size > maxKeyBytes) throw unusable(`it has ${size} bytes, too many for a key`);
  const text = await file.readFile('utf8');
  if (!text.includes('PRIVATE KEY')) throw unusable('it contains no private key');
  return text;
}

/**
 * A key owned by another user may be readable by a group of this user: a Secret of Kubernetes with fsGroup and a
 * credential of systemd belong to root, mode 0440.
 */
function tooOpen(owner: number): number {
  return owner === process.getuid?.() ? constants.S_IRWXG | constants.S_IRWXO : constants.S_IRWXO;
}

interface KnownHostKey {
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
