// How do all readers of a machine share one SSH connection? It is opened when first needed, and anew after it broke.

import { setMaxListeners } from 'node:events';
import type { NodeSSH } from 'node-ssh';
import type { SFTPWrapper } from 'ssh2';
import { untilAborted } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Io } from '../host-files.ts';
import { connect, type SshTarget } from './connect.ts';

export interface SshSession {
  sftp: SFTPWrapper;
  /** Aborts with host-unreachable when the connection ends. */
  ended: AbortSignal;
  /** One of our fixed commands; what varies goes in on its standard input. */
  run(command: string, input: string): Promise<{ stdout: string; stderr: string }>;
}

export interface SshConnection extends AsyncDisposable {
  /** @throws AppError of `connect`, and host-hung when the deadline of the signal passes before the work is done */
  use<T>(io: Io, work: (session: SshSession) => Promise<T>): Promise<T>;
}

const firstWaitSeconds = 1;
const longestWaitSeconds = 60;
const maxReplyBytes = 2 ** 20;

export function createSshConnection(
  name: string,
  target: SshTarget,
  { clock, random = Math.random }: { clock: Pick<Clock, 'monotonic'>; random?: () => number },
): SshConnection {
  let opening: Promise<{ ssh: NodeSSH; session: SshSession }> | undefined;
  let failure: { error: unknown; count: number; notBefore: number } | undefined;

  function current() {
    if (opening !== undefined) return opening;
    // A machine that refuses is not asked at each reading; the reading says what the last attempt said.
    if (failure !== undefined && clock.monotonic() < failure.notBefore) return Promise.reject(failure.error as Error);
    const attempt = openSession(name, target);
    opening = attempt;
    attempt.then(
      ({ ssh }) => {
        failure = undefined;
        ssh.connection?.once('close', () => forget(attempt));
      },
      (error: unknown) => {
        const count = (failure?.count ?? 0) + 1;
        const wait = Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** (count - 1));
        failure = { error, count, notBefore: clock.monotonic() + wait * (0.5 + random() / 2) };
        forget(attempt);
      },
    );
    return attempt;
  }

  function forget(attempt: typeof opening) {
    if (opening === attempt) opening = undefined;
  }

  /** Whoever still waits on it is told so by its end. */
  function discard(attempt: typeof opening) {
    forget(attempt);
    attempt?.then(({ ssh }) => ssh.connection?.destroy()).catch(() => {});
  }

  return {
    async use({ signal }, work) {
      signal.throwIfAborted();
      const attempt = current();
      try {
        const done = attempt.then(({ session }) => untilAborted(work(session), session.ended));
        return await untilAborted(done, signal);
      } catch (error) {
        if (!signal.aborted || !isTimeout(signal.reason)) throw error;
        discard(attempt);
        throw new AppError('host-hung', `host ${name} did not answer before the deadline of this reading`, {
          cause: error,
        });
      }
    },
    async [Symbol.asyncDispose]() {
      discard(opening);
    },
  };
}

async function openSession(name: string, target: SshTarget): Promise<{ ssh: NodeSSH; session: SshSession }> {
  const ssh = await connect(name, target);
  const end = new AbortController();
  const broke = new AppError('host-unreachable', `host ${name}: the SSH connection broke`);
  ssh.connection?.once('close', () => end.abort(broke));
  // Each reader of the machine listens while it reads.
  setMaxListeners(0, end.signal);
  try {
    const sftp = await untilAborted(ssh.requestSFTP(), end.signal);
    return { ssh, session: { sftp, ended: end.signal, run: (command, input) => run(ssh, command, input) } };
  } catch (cause) {
    ssh.dispose();
    if (cause instanceof AppError) throw cause;
    throw new AppError('host-unreadable', `host ${name} has no SFTP: ${(cause as Error).message}`, {
      cause,
      hint: 'sshd_config over there needs a line `Subsystem sftp internal-sftp`',
    });
  }
}

async function run(ssh: NodeSSH, command: string, input: string): Promise<{ stdout: string; stderr: string }> {
  let bytes = 0;
  let isTooLong = false;
  const { stdout, stderr } = await ssh.execCommand(command, {
    stdin: input,
    noTrim: true,
    onChannel(channel) {
      const count = (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= maxReplyBytes) return;
        isTooLong = true;
        channel.destroy();
      };
      channel.on('data', count);
      channel.stderr.on('data', count);
    },
  });
  if (isTooLong)
    throw new AppError('host-unreadable', `the answer to \`${command}\` is longer than ${maxReplyBytes} bytes`);
  return { stdout, stderr };
}

const isTimeout = (reason: unknown) => reason instanceof DOMException && reason.name === 'TimeoutError';
