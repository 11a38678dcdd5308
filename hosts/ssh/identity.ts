// Reads the SSH identity of a user: a private key file with safe permissions, or an agent.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError } from '../../core/errors.ts';
import type { SshAccess } from './config.ts';

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
