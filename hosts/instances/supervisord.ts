// Reads supervisord with supervisorctl: states of programs, and starts from its log.

import { AppError } from '../../core/errors.ts';
import type { InstanceState } from '../../core/documents/instances.ts';
import type { Io } from '../host-files.ts';
import type { HostCommands, ProgramResult } from './host-commands.ts';

export interface Supervisor {
  config?: string | undefined;
  sudo: boolean;
}

/** State of one program or unit, as its supervisor reports it. */
export interface SupervisedState {
  state: InstanceState;
  reason?: string;
  pid?: number;
}

/**
 * States in supervisor/states.py of 4.2 (Debian 12): RUNNING follows after `startsecs` without a check of the program,
 * and BACKOFF means that a program ended too early and is restarted.
 */
const states: Readonly<Record<string, InstanceState>> = {
  STOPPED: 'stopped',
  STARTING: 'starting',
  RUNNING: 'running',
  BACKOFF: 'crash-loop',
  STOPPING: 'stopping',
  EXITED: 'failed',
  FATAL: 'crash-loop',
  UNKNOWN: 'unknown',
};

const named = ({ config }: Supervisor): string[] => (config === undefined ? [] : ['-c', config]);

/*
 *   kafka                            RUNNING   pid 1234, uptime 0:00:12
 *   brokers:kafka-2                  FATAL     Exited too quickly (process log may have details)
 */
export function parseSupervisorStatus(text: string): Map<string, SupervisedState> {
  return new Map(
    [...text.matchAll(/^(\S+)\s+([A-Z]+)(?:[ \t]+(.*))?$/gm)].flatMap(([, program = '', word = '', detail = '']) => {
      const state = states[word];
      if (state === undefined) return [];
      const pid = /^pid (\d+)/.exec(detail)?.[1];
      return [
        [
          program,
          {
            state,
            ...(pid === undefined ? detail !== '' && { reason: `${word}: ${detail}` } : { pid: Number(pid) }),
          },
        ] as const,
      ];
    }),
  );
}

/** @throws AppError host-unreadable if supervisorctl cannot query supervisord */
export async function readSupervisor(
  commands: HostCommands,
  supervisor: Supervisor,
  io: Io,
): Promise<Map<string, SupervisedState>> {
  const result = await commands.run('supervisorctl', [...named(supervisor), 'status'], io, supervisor);
  const programs = parseSupervisorStatus(result.stdout);
  // The exit code is not 0 while any program is stopped.
  if (programs.size === 0 && result.exitCode !== 0) throw supervisorFault(commands, result, supervisor);
  return programs;
}

function supervisorFault(
  { host }: Pick<HostCommands, 'host'>,
  { exitCode, stdout, stderr }: ProgramResult,
  { config }: Supervisor,
): AppError {
  const output = `${stderr}\n${stdout}`.trim();
  const where = config === undefined ? '' : ` with ${config}`;
  const lines = output.split('\n').map((line) => line.trim());
  const said = lines.find((line) => /error|denied|no such|refused|sudo/i.test(line)) ?? lines.at(-1);
  return new AppError(
    'host-unreadable',
    `host ${host}: supervisorctl${where} failed: ${said || `exit code ${exitCode}`}`,
    {
      hint: hintOf(exitCode, output),
    },
  );
}

function hintOf(exitCode: number, output: string): string {
  if (exitCode === 127 || /command not found|No such file or directory: '?supervisorctl/.test(output)) {
    return 'install supervisor on that host, or describe the instance with `systemd`';
  }
  if (/sudo:/.test(output)) return 'allow this user supervisorctl in sudoers with NOPASSWD, or log in as another user';
  if (/Permission ?[Dd]enied|EACCES/.test(output)) {
    return 'the user of the host may not open the socket of supervisord: set `sudo: true`, or chown in its [unix_http_server]';
  }
  return 'check that supervisord runs there, and `config` of the instance';
}

/** Bytes to read from the end of the log: each start or stop is one or two lines of 80. */
const logBytes = 100_000;

export interface LoggedStarts {
  /** Starts, oldest first: in a log in seconds since the epoch, in a history in seconds ago. */
  starts: readonly number[];
  /**
   * Starts since an operator stopped the program or supervisord gave up: all except the first are restarts by
   * supervisord.
   */
  looped: readonly number[];
}

/*
 *   2026-11-23 07:20:01,123 INFO spawned: 'kafka' with pid 77
 *   2026-11-23 07:20:03,201 WARN exited: kafka (exit status 1; not expected)      and is restarted
 *   2026-11-23 07:20:09,310 INFO gave up: kafka entered FATAL state, too many start retries too quickly
 *   2026-11-23 07:21:00,001 INFO stopped: kafka (exit status 143)                 on an operator's request
 */
export function parseSpawns(log: string, program: string): LoggedStarts {
  const name = program.slice(program.indexOf(':') + 1);
  const line = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d),\d+ [A-Z]+ (spawned|stopped|gave up): '?([^' ]+)'? /gm;
  const starts: number[] = [];
  let looped: number[] = [];
  for (const [, day, time, event, of] of log.matchAll(line)) {
    if (of !== name) continue;
    if (event !== 'spawned') {
      looped = [];
      continue;
    }
    const at = Date.parse(`${day}T${time}Z`) / 1000;
    starts.push(at);
    looped.push(at);
  }
  return { starts, looped };
}

/** Starts of a program in seconds ago, by the host's clock, oldest first. */
export interface StartHistory {
  of(name: string): LoggedStarts;
}

/** @returns undefined if supervisord keeps no log, or this user may not read it */
export async function readSpawns(
  commands: HostCommands,
  supervisor: Supervisor,
  io: Io,
): Promise<StartHistory | undefined> {
  const [log, date] = await Promise.all([
    commands.run('supervisorctl', [...named(supervisor), 'maintail', `-${logBytes}`], io, supervisor),
    // The log has local times without a time zone.
    commands.run('date', ['+%Y-%m-%dT%H:%M:%SZ'], io),
  ]);
  const now = Date.parse(date.stdout.trim()) / 1000;
  if (!/ INFO /.test(log.stdout) || Number.isNaN(now)) return undefined;
  const ago = (times: readonly number[]) => times.map((at) => now - at);
  return {
    of(name) {
      const { starts, looped } = parseSpawns(log.stdout, name);
      return { starts: ago(starts), looped: ago(looped) };
    },
  };
}

/**
 * Safe to repeat: a running program is not started, and a stopped one is not stopped.
 *
 * @throws AppError host-unreadable with supervisord's message
 */
export async function controlProgram(
  commands: HostCommands,
  supervisor: Supervisor & { program: string },
  action: 'start' | 'stop',
  io: Io,
): Promise<void> {
  const result = await commands.run(
    'supervisorctl',
    [...named(supervisor), action, supervisor.program],
    io,
    supervisor,
  );
  // A program that ends within startsecs is a `spawn error` or `abnormal termination`: its output explains why.
  if (
    /: (?:started|stopped|ERROR \((?:already started|not running|spawn error|abnormal termination)\))/.test(
      result.stdout,
    )
  )
    return;
  if (/ERROR \(no such (?:process|group)\)/.test(result.stdout)) {
    throw new AppError('host-unreadable', `host ${commands.host}: supervisord knows no program ${supervisor.program}`, {
      hint: '`supervisorctl status` lists them; after a change of its files run `supervisorctl update`',
    });
  }
  throw supervisorFault(commands, result, supervisor);
}

/** Separator of standard output and standard error, which each have an end mark. */
export const streamBreak = '\u001E';

/** @returns the last output of the program: standard output, the separator, standard error */
export async function readProgramOutput(
  commands: HostCommands,
  supervisor: Supervisor & { program: string },
  bytes: number,
  io: Io,
): Promise<string> {
  const tail = async (stream: 'stdout' | 'stderr') => {
    const words = [...named(supervisor), 'tail', `-${bytes}`, supervisor.program, stream];
    const { stdout } = await commands.run('supervisorctl', words, io, supervisor);
    return /^(?:\S+: ERROR \([^)]*\)|error: .*)$/.test(stdout.trim()) ? '' : stdout;
  };
  // With redirect_stderr there is no separate log of standard error.
  const [output, errors] = [await tail('stdout'), await tail('stderr')];
  return `${output}${streamBreak}${errors}`;
}

/**
 * Call after the program's file was written or removed. Supervisord starts an added program, unless its file has
 * `autostart=false`; a program must be stopped before it is removed. Safe to repeat.
 *
 * @throws AppError host-unreadable with supervisord's message
 */
export async function registerProgram(
  commands: HostCommands,
  supervisor: Supervisor & { program: string },
  action: 'add' | 'remove',
  io: Io,
): Promise<void> {
  const ask = (...words: string[]) => commands.run('supervisorctl', [...named(supervisor), ...words], io, supervisor);
  const read = await ask('reread');
  if (read.exitCode !== 0 || /^ERROR/m.test(read.stdout)) throw supervisorFault(commands, read, supervisor);
  // Programs are added by group; one without a group is a group with its name.
  const group = supervisor.program.replace(/:.*$/, '');
  const result = await ask(action, group);
  const output = `${result.stdout}\n${result.stderr}`;
  if (/: (?:added|removed) process group|already active/.test(output)) return;
  if (action === 'remove' && /no such (?:process|group)|bad name/i.test(output)) return;
  throw supervisorFault(commands, result, supervisor);
}
