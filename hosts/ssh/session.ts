// Runs SFTP requests and a few fixed commands concurrently over one open SSH connection.

import { setMaxListeners } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { NodeSSH } from 'node-ssh';
import type { SFTPWrapper } from 'ssh2';
import { untilAborted } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { connect, handshakeMilliseconds, type SshTarget } from './connect.ts';

export interface SshSession {
  sftp: SFTPWrapper;
  /** Runs work that briefly holds a handle of the SFTP server. Waits while too many handles are in use. */
  withHandle: Slots;
  /** Aborts with ConnectionBroke when the connection ends. */
  ended: AbortSignal;
  /**
   * Runs one of the fixed commands; variable input goes to its standard input. Waits while too many others run.
   * @param output receives output as it arrives
   */
  run(command: string, input: string, output?: CommandOutput): Promise<CommandOutput>;
  close(): void;
}

export interface CommandOutput {
  stdout: string;
  stderr: string;
}

/** The connection was open and ended while in use. */
export class ConnectionBroke extends AppError {}

/**
 * sshd allows ten sessions per connection (MaxSessions). SFTP uses one, a hung one stays until it answers, and sshd
 * counts an ended session slightly longer than we do.
 */
const mostCommands = 5;
const mostRefusals = 5;
/** An SFTP server may have 1,024 files open (RLIMIT_NOFILE), and refuses more. */
const mostHandles = 128;
const maxReplyBytes = 2 ** 20;

/**
 * @param sftpMilliseconds timeout for the start of the SFTP server; ssh2 has none
 * @throws AppError of `connect`, host-unreadable without SFTP, and host-hung if SFTP does not start in time
 */
export async function openSession(
  name: string,
  target: SshTarget,
  sftpMilliseconds: number = handshakeMilliseconds,
): Promise<SshSession> {
  const ssh = await connect(name, target);
  const end = new AbortController();
  const broke = new ConnectionBroke('host-unreachable', `host ${name}: the SSH connection broke`);
  ssh.connection?.once('close', () => end.abort(broke));
  // Each reader of the machine adds a listener while it reads.
  setMaxListeners(0, end.signal);
  const late = AbortSignal.timeout(sftpMilliseconds);
  try {
    const sftp = await untilAborted(ssh.requestSFTP(), AbortSignal.any([end.signal, late]));
    // Each command listens for connection errors while it starts.
    ssh.connection?.setMaxListeners(0);
    return {
      sftp,
      withHandle: createSlots(mostHandles),
      ended: end.signal,
      run: createRunner(ssh),
      close: () => ssh.connection?.destroy(),
    };
  } catch (cause) {
    ssh.connection?.destroy();
    if (cause instanceof AppError) throw cause;
    if (late.aborted && cause === late.reason) {
      throw new AppError('host-hung', `host ${name}: SFTP did not start within ${sftpMilliseconds / 1000} s`, {
        cause,
        hint: 'the login succeeded; check on the host whether the home directory of this user is on a mount that hangs',
      });
    }
    throw new AppError('host-unreadable', `host ${name} has no SFTP: ${(cause as Error).message}`, {
      cause,
      hint: 'sshd_config over there needs a line `Subsystem sftp internal-sftp`',
    });
  }
}

function createRunner(ssh: NodeSSH): SshSession['run'] {
  const inSlot = createSlots(mostCommands);
  return async (command, input, output = { stdout: '', stderr: '' }) => {
    await inSlot(() => insist(() => run(ssh, command, { input, output })));
    return output;
  };
}

/** Retries a refused session, which has not started: within another round trip an earlier session ends. */
async function insist(start: () => Promise<void>): Promise<void> {
  for (let refused = 0; ; refused += 1) {
    try {
      return await start();
    } catch (error) {
      const isRefused = (error as { reason?: unknown }).reason !== undefined;
      if (!isRefused || refused === mostRefusals) throw error;
    }
  }
}

async function run(
  ssh: NodeSSH,
  command: string,
  { input, output }: { input: string; output: CommandOutput },
): Promise<void> {
  let bytes = 0;
  const isTooLong = () => bytes > maxReplyBytes;
  await ssh.execCommand(command, {
    stdin: input,
    onChannel(channel) {
      const hear = (name: keyof CommandOutput) => {
        const decoder = new StringDecoder();
        return (chunk: Buffer) => {
          bytes += chunk.length;
          if (isTooLong()) channel.destroy();
          else output[name] += decoder.write(chunk);
        };
      };
      channel.on('data', hear('stdout'));
      channel.stderr.on('data', hear('stderr'));
    },
  });
  if (isTooLong())
    throw new AppError('host-unreadable', `the answer to \`${command}\` is longer than ${maxReplyBytes} bytes`);
}

type Slots = <T>(work: () => Promise<T>) => Promise<T>;

/** Limits how much work runs at once; the rest waits in call order. */
export function createSlots(most: number): Slots {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
