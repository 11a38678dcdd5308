// Runs Debian's sshd on a free port with its own keys.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../lab/free-port.ts';

export interface Sshd extends AsyncDisposable {
  port: number;
  /** Process id of the listening process. */
  pid: number;
  /** Its line of known_hosts. */
  knownHost: string;
  /** Process ids of connections. */
  sessions(): number[];
  /** Stops it with all its sessions: open connections do not respond. */
  pause(): void;
}

export interface SshdOptions {
  folder: string;
  /** Authorized public keys. */
  authorized: readonly string[];
  port?: number;
  hostKey?: string;
  /** Additional lines of sshd_config. */
  settings?: readonly string[];
  /** Additional environment of remote commands. */
  environment?: Readonly<Record<string, string>>;
  /** Network namespace of the server, and its address there. */
  inside?: { namespace: string; address: string };
}

/** Creates a key pair in the folder; @returns the path of the private key */
export function makeKey(folder: string, name: string, { passphrase = '' }: { passphrase?: string } = {}): string {
  const path = join(folder, name);
  const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'test', '-f', path]);
  if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr.toString()}`);
  return path;
}

export const publicKeyOf = (path: string) => readFileSync(`${path}.pub`, 'utf8').trim();

export interface WrittenSshd {
  config: string;
  /** Its line of known_hosts. */
  knownHost: string;
}

/** Writes keys and settings of an sshd that the caller starts. */
export function writeSshd({ folder, authorized, ...options }: SshdOptions & { port: number }): WrittenSshd {
  const { port } = options;
  const hostKey = options.hostKey ?? makeKey(folder, `host_key_${port}`);
  const authorizedKeys = join(folder, `authorized_keys_${port}`);
  writeFileSync(authorizedKeys, `${authorized.join('\n')}\n`);
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const config = join(folder, `sshd_config_${port}`);
  const address = options.inside?.address ?? '127.0.0.1';
  const variables = Object.entries(options.environment ?? {}).map(([name, value]) => ` ${name}=${value}`);
  writeFileSync(
    config,
    [
      `ListenAddress ${address}:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${authorizedKeys}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      // OpenSSH 9.8 and later delay clients after failed attempts.
      'MaxStartups 1000',
      'Subsystem sftp internal-sftp',
      ...(options.settings ?? []),
      // Before each command the shell runs .bashrc of the user, which the test should not depend on.
      `SetEnv HOME=${folder}${variables.join('')}`,
    ].join('\n'),
  );
  const [type, key] = publicKeyOf(hostKey).split(' ');
  return { config, knownHost: `[${address}]:${port} ${type} ${key}` };
}

export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const port = options.port ?? (await freePorts(1))[0] ?? 0;
  const { config, knownHost } = writeSshd({ ...options, port });
  // Limits open files like systemd's default: programs may raise this soft limit.
  const words = ['prlimit', '--nofile=1024:', '/usr/sbin/sshd', '-D', '-e', '-f', config];
  const [program = '', ...rest] = options.inside ? ['ip', 'netns', 'exec', options.inside.namespace, ...words] : words;
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  // Its port is not reachable from outside the namespace, so its log shows that it listens.
  const isUp = async () => (options.inside ? log.includes('Server listening') : listens(port));
  for (let attempt = 0; !(await isUp()); attempt++) {
    if (attempt === 100 || child.exitCode !== null) throw new Error(`sshd did not start: ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const pid = child.pid ?? 0;
  return {
    port,
    pid,
    knownHost,
    sessions: () => descendantsOf(pid),
    pause: () => [pid, ...descendantsOf(pid)].forEach((each) => signal(each, 'SIGSTOP')),
    [Symbol.asyncDispose]: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  for (const pid of descendantsOf(child.pid ?? 0)) signal(pid, 'SIGKILL');
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has already exited.
  }
}

function descendantsOf(pid: number): number[] {
  const told = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)]).stdout.toString();
  const children = told.trim().split(/\s+/).filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
