// Reads the logs of `ssh://user@host/path` over SFTP.

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { shownValue } from '../../core/secret-settings.ts';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { openSshFiles } from '../../hosts/files/ssh.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import type { HostFiles, Io } from '../../hosts/host-files.ts';
import type { SshTarget } from '../../hosts/ssh/connect.ts';
import { createSshConnection } from '../../hosts/ssh/connection.ts';
import { ownName } from '../change/operator.ts';

const chunkBytes = 1 << 20;
const usualKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

export interface RemoteAccess {
  /** Private key; by default that of the host in `hosts`, else the agent, then the usual files. */
  identityFile?: string | undefined;
  /** From the config file. */
  hosts?: HostsConfig | undefined;
}

/** @throws AppError usage for an invalid address, not-found, and connection errors */
export async function openRemoteLogs(word: string, access: RemoteAccess, io: Io) {
  const { host, path, ...login } = addressOf(word);
  const target = targetOf(word, { host, ...login }, access);
  const files = openSshFiles(createSshConnection(host, target, { clock: systemClock }), systemClock);
  try {
    const names = (await files.listAll([path], io)).get(path);
    const paths = names?.toSorted().map((name) => `${path.replace(/\/$/, '')}/${name}`) ?? [path];
    const stats = await files.statAll(paths, io);
    if (names === undefined && stats.size === 0) {
      throw new AppError('not-found', `cannot read ${word}: no such file or folder`, {
        hint: 'the path after the host is absolute: ssh://mq-1/dev/shm',
      });
    }
    return {
      isFolder: names !== undefined,
      files: [...stats].map(([each, { sizeBytes, modifiedAtMs }]) => ({
        path: `ssh://${host}${each}`,
        sizeBytes,
        modifiedAtMs,
        open: () => chunksOf(files, each, io),
      })),
      [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
    };
  } catch (cause) {
    await files[Symbol.asyncDispose]();
    throw cause;
  }
}

async function* chunksOf(files: HostFiles, path: string, io: Io): AsyncGenerator<Uint8Array> {
  await using file = await files.open(path, io);
  for (let offset = 0; ;) {
    const chunk = await file.read(offset, chunkBytes, io);
    if (chunk.length === 0) return;
    offset += chunk.length;
    yield chunk;
  }
}

interface Login {
  host: string;
  /** As given in the address. */
  port?: number;
  user?: string;
}

/** The address and the options take precedence over the host with that name in the config. */
function targetOf(word: string, { host, port, user }: Login, { identityFile, hosts = {} }: RemoteAccess): SshTarget {
  const configured = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
  if (configured?.probe !== 'ssh')
    return {
      address: { host, port: port ?? 22 },
      user: user ?? ownName() ?? refuseNameless(word),
      ...identityOf(identityFile),
    };
  const { address, privateKeyFile, passphrase, knownHostsFile, jump } = configured;
  return {
    ...(identityFile === undefined && privateKeyFile !== undefined
      ? { privateKeyFile, passphrase }
      : identityOf(identityFile)),
    address: { host: address.host, port: port ?? address.port },
    user: user ?? configured.user,
    knownHostsFile,
    jump,
  };
}

function addressOf(word: string): Login & { path: string } {
  const url = URL.parse(word);
  if (url === null || url.hostname === '' || url.pathname.length < 2 || url.password !== '') {
    throw new AppError('usage', `${JSON.stringify(shownValue('', word))} is not ssh://[USER@]HOST[:PORT]/PATH`);
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(url.port !== '' && { port: Number(url.port) }),
    ...(url.username !== '' && { user: decodeURIComponent(url.username) }),
    path: decodeURIComponent(url.pathname),
  };
}

function refuseNameless(word: string): never {
  throw new AppError('usage', `${JSON.stringify(word)} names no user, and neither does this process`, {
    hint: 'write ssh://USER@HOST/PATH',
  });
}

function identityOf(file: string | undefined): { privateKeyFile: string } | { agent: true } {
  if (file !== undefined) return { privateKeyFile: file };
  return process.env['SSH_AUTH_SOCK'] ? { agent: true } : { privateKeyFile: firstKey() };
}

function firstKey(): string {
  const file = usualKeys.map((name) => join(homedir(), '.ssh', name)).find((each) => existsSync(each));
  if (file !== undefined) return file;
  throw new AppError('usage', 'no SSH agent runs, and there is no key in ~/.ssh', {
    hint: 'give the key with --identity FILE',
  });
}
