// Runs the few programs that install instances and control supervisors on a host, locally or over SSH; no shell line is made of input.

import { execFile } from 'node:child_process';
import { AppError } from '../../core/errors.ts';
import type { Io } from '../host-files.ts';
import { inputOf } from '../files/commands.ts';
import type { SshConnection } from '../ssh/connection.ts';

export const hostPrograms = [
  ...(['supervisorctl', 'systemctl', 'journalctl', 'java', 'date', 'id', 'env', 'runuser'] as const),
  ...(['tar', 'sha256sum', 'sha512sum', 'install', 'ln', 'mv', 'rm', 'rmdir'] as const),
] as const;
export type HostProgram = (typeof hostPrograms)[number];

export interface ProgramResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface HostCommands {
  /**
   * Runs it to its end. Over SSH it is run again when the connection breaks meanwhile: each has to do no harm twice.
   *
   * @returns over SSH the exit code of xargs(1), which is 123 for every code from 1 to 125, and 127 for a missing program
   * @throws AppError host-unreachable, host-hung and others of a connection; host-unreadable
   */
  run(program: HostProgram, args: readonly string[], io: Io, how?: { sudo?: boolean }): Promise<ProgramResult>;
}

/** Administration programs are often not in the PATH of other users. */
const path = '"$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin"';
const exitLine = /\nexit=(\d+)\n$/;

/** Arguments come on standard input, ended by NUL, as the paths of HostFiles do. */
const lineOf = (program: HostProgram, sudo: boolean) =>
  `LC_ALL=C PATH=${path} xargs -0 ${sudo ? 'sudo -n ' : ''}${program}; printf '\\nexit=%d\\n' "$?"`;

export function sshCommands(host: string, connection: SshConnection): HostCommands {
  return {
    async run(program, args, io, { sudo = false } = {}) {
      const line = lineOf(program, sudo);
      const { stdout, stderr } = await connection.use(io, ({ run }) => run(line, inputOf(args)));
      const [, code] = exitLine.exec(stdout) ?? [];
      if (code === undefined) {
        throw new AppError('host-unreadable', `host ${host} did not run ${program}: ${stderr.trim() || 'no answer'}`, {
          hint: 'its user needs a login shell with xargs; a user who may use SFTP only can read files and start nothing',
        });
      }
      return { exitCode: Number(code), stdout: stdout.replace(exitLine, ''), stderr };
    },
  };
}

export function localCommands(): HostCommands {
  const search = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin`;
  const env = { ...process.env, LC_ALL: 'C', PATH: search };
  return {
    async run(program, args, { signal }, { sudo = false } = {}) {
      const [first = program, ...rest] = [...(sudo ? ['sudo', '-n'] : []), program, ...args];
      const { promise, resolve } = Promise.withResolvers<ProgramResult>();
      execFile(first, rest, { env, signal, maxBuffer: 2 ** 22 }, (cause, stdout, stderr) => {
        const code = cause === null ? 0 : cause.code;
        resolve({ exitCode: typeof code === 'number' ? code : 127, stdout, stderr });
      });
      const result = await promise;
      signal.throwIfAborted();
      return result;
    },
  };
}
