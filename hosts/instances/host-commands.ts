// Runs the few programs that install instances and control supervisors on a host, locally or over SSH; no shell line is made of input.

import { execFile } from 'node:child_process';
import { AppError } from '../../core/errors.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { seconds, type Seconds } from '../../core/units.ts';
import type { Io } from '../host-files.ts';
import { untilAborted } from '../../core/abort.ts';
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

/** A dead mount, or a question on a terminal that nobody sees: a program that has not ended by then does not end. */
interface ProgramLimits {
  /** Reads or moves a few files. */
  brief: Seconds;
  /** Stops a service, for which docs/how-to/operate-instances.md advises 300 s, or works on an archive or a directory of data. */
  long: Seconds;
}

const limits: ProgramLimits = { brief: seconds(60), long: seconds(900) };
const longPrograms: ReadonlySet<HostProgram> = new Set(['tar', 'sha256sum', 'sha512sum', 'rm', 'env', 'runuser']);
const isLong = (program: HostProgram, args: readonly string[]): boolean =>
  longPrograms.has(program) || args.includes('start') || args.includes('stop');

export interface HostCommands {
  /** Its name in the config. */
  readonly host: string;
  /**
   * Runs it to its end. Over SSH it is run again when the connection breaks meanwhile: each has to do no harm twice.
   *
   * @returns over SSH the exit code of xargs(1), which is 123 for every code from 1 to 125, and 127 for a missing program
   * @throws AppError host-hung after its limit; host-unreachable and others of a connection; host-unreadable
   */
  run(program: HostProgram, args: readonly string[], io: Io, how?: { sudo?: boolean }): Promise<ProgramResult>;
}

/** Administration programs are often not in the PATH of other users. */
const path = '"$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin"';

/** Arguments come on standard input, ended by NUL, as the paths of HostFiles do. */
const lineOf = (program: HostProgram, sudo: boolean) =>
  `LC_ALL=C PATH=${path} xargs -0 ${sudo ? 'sudo -n ' : ''}${program}; ${printExit}`;

/** @param within shorter in tests only */
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

/** @param within shorter in tests only */
export function localCommands(host: string, within = limits): HostCommands {
  const search = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin`;
  const env = { ...process.env, LC_ALL: 'C', PATH: search };
  return {
    host,
    run: (program, args, io, { sudo = false } = {}) =>
      endingIn(isLong(program, args) ? within.long : within.brief, { host, program }, io, async ({ signal }) => {
        const [first = program, ...rest] = [...(sudo ? ['sudo', '-n'] : []), program, ...args];
        const { promise, resolve } = Promise.withResolvers<ProgramResult>();
        // supervisorctl prefers a configuration in its working directory, which may be a folder of another user.
        execFile(first, rest, { cwd: '/', env, signal, maxBuffer: 2 ** 22 }, (cause, stdout, stderr) => {
          const code = cause === null ? 0 : cause.code;
          resolve({ exitCode: typeof code === 'number' ? code : 127, stdout, stderr });
        });
        // One that ignores the signal ends later, and nobody waits for it.
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
