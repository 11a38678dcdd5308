// Runs the fixed programs that install instances and control supervisors; input never becomes part of a shell line.

import { execFile } from 'node:child_process';
import { AppError } from '../../core/errors.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { seconds, type Seconds, untilAborted } from '../../core/clock.ts';
import type { Io } from '../host-files.ts';
import { exitLine, inputOf, printExit } from '../files/commands.ts';
import type { SshConnection } from '../ssh/connection.ts';
import type { CommandOutput } from '../ssh/session.ts';

const hostPrograms = [
  ...(['supervisorctl', 'systemctl', 'journalctl', 'java', 'date', 'id', 'env', 'runuser', 'cat'] as const),
  ...(['tar', 'sha256sum', 'sha512sum', 'install', 'ln', 'mv', 'rm', 'rmdir', 'stat'] as const),
] as const;
export type HostProgram = (typeof hostPrograms)[number];

export interface ProgramResult extends CommandOutput {
  exitCode: number;
}

/** Timeouts, after which a program counts as hung, for example on a dead mount or at a terminal prompt. */
interface ProgramLimits {
  /** For programs that read or move a few files. */
  brief: Seconds;
  /**
   * For programs that stop a service (docs/how-to/operate-instances.md advises 300 s), or process an archive or a data
   * directory.
   */
  long: Seconds;
}

const limits: ProgramLimits = { brief: seconds(60), long: seconds(900) };
const longPrograms: ReadonlySet<HostProgram> = new Set(['tar', 'sha256sum', 'sha512sum', 'rm', 'env', 'runuser']);
const isLong = (program: HostProgram, args: readonly string[]): boolean =>
  longPrograms.has(program) || args.includes('start') || args.includes('stop');

export interface HostCommands {
  /** Host name in the config. */
  readonly host: string;
  /**
   * Runs the program to its end. Over SSH it runs again if the connection breaks meanwhile, so each program must be
   * safe to repeat.
   *
   * @returns over SSH the exit code of xargs(1), which is 123 for every code from 1 to 125, and 127 for a missing
   * program
   * @throws AppError host-hung after its timeout; host-unreachable and other connection errors; host-unreadable
   */
  run(program: HostProgram, args: readonly string[], io: Io, how?: { sudo?: boolean }): Promise<ProgramResult>;
}

/** Administration programs are often not in the PATH of normal users. */
const path = '"$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin"';

/** Arguments are sent on standard input, terminated by NUL, like paths in HostFiles. */
const lineOf = (program: HostProgram, sudo: boolean) =>
  `LC_ALL=C PATH=${path} xargs -0 ${sudo ? 'sudo -n ' : ''}${program}; ${printExit}`;

/** @param within shortened only in tests */
export function sshCommands(host: string, connection: SshConnection, within = limits): HostCommands {
  return {
    host,
    async run(program, args, io, { sudo = false } = {}) {
      const line = lineOf(program, sudo);
      const limit = isLong(program, args) ? within.long : within.brief;
      const { stdout, stderr } = await endingIn(limit, { host, program }, io, (its) =>
        connection.use(its, ({ run }) => run(line, inputOf(args))),
      );
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

/** @param within shortened only in tests */
export function localCommands(host: string, within = limits): HostCommands {
  const search = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin`;
  const fixed = { LC_ALL: 'C', PATH: search };
  return {
    host,
    run: (program, args, io, { sudo = false } = {}) =>
      endingIn(isLong(program, args) ? within.long : within.brief, { host, program }, io, async ({ signal }) => {
        const [first = program, ...rest] = [...(sudo ? ['sudo', '-n'] : []), program, ...args];
        const { promise, resolve } = Promise.withResolvers<ProgramResult>();
        // Other users could read the secrets in the environment; sudo clears it.
        const env = program === 'runuser' ? fixed : { ...process.env, ...fixed };
        // Not in the current folder, which may belong to another user: supervisorctl prefers a configuration there.
        execFile(first, rest, { cwd: '/', env, signal, maxBuffer: 2 ** 22 }, (cause, stdout, stderr) => {
          const code = cause === null ? 0 : cause.code;
          resolve({ exitCode: typeof code === 'number' ? code : 127, stdout, stderr });
        });
        // Do not wait for a program that ignores the signal.
        const result = await untilAborted(promise, signal);
        signal.throwIfAborted();
        return result;
      }),
  };
}

async function endingIn<Result>(
  limit: Seconds,
  { host, program }: { host: string; program: HostProgram },
  { signal }: Io,
  work: (io: Io) => Promise<Result>,
): Promise<Result> {
  const deadline = AbortSignal.timeout(1000 * limit);
  try {
    return await work({ signal: AbortSignal.any([signal, deadline]) });
  } catch (cause) {
    if (signal.aborted || !deadline.aborted) throw cause;
    throw new AppError('host-hung', `host ${host}: ${program} has not ended after ${durationText(limit)}`, {
      cause,
      hint: `look for ${program} in the process list of that host: it waits for a disk or a mount, or still works`,
    });
  }
}
