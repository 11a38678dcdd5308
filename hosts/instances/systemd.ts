// Reads and controls systemd units: state with systemctl, starts and output with journalctl.

import { AppError } from '../../core/errors.ts';
import type { InstanceState, Systemd } from '../../core/documents/instances.ts';
import type { Io } from '../host-files.ts';
import type { HostCommands, ProgramResult } from './host-commands.ts';
import type { LoggedStarts, StartHistory, SupervisedState } from './supervisord.ts';

const properties = ['Id', 'Names', 'LoadState', 'ActiveState', 'SubState', 'Result', 'MainPID', 'NRestarts'] as const;

/*
 *   Id=kafka.service
 *   Names=kafka.service confluent-kafka.service      with its aliases
 *   ActiveState=active       one block per unit, separated by an empty line
 */
/** @returns state by each name of a unit */
export function parseUnits(text: string): Map<string, SupervisedState> {
  return new Map(
    text.split(/\n\s*\n/).flatMap((block) => {
      const fields = new Map(
        block.split('\n').flatMap((line): [string, string][] => {
          const at = line.indexOf('=');
          return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
        }),
      );
      const id = fields.get('Id');
      if (id === undefined) return [];
      const state = unitState((name) => fields.get(name) ?? '');
      const names = (fields.get('Names') ?? '').split(' ').filter((name) => name !== '');
      return [...new Set([id, ...names])].map((name) => [name, state] as const);
    }),
  );
}

const states: Readonly<Record<string, InstanceState>> = {
  active: 'running',
  reloading: 'running',
  activating: 'starting',
  deactivating: 'stopping',
  inactive: 'stopped',
  failed: 'failed',
};

/**
 * systemd.unit(5), org.freedesktop.systemd1(5): `auto-restart` waits for RestartSec; `start-limit-hit` means that
 * systemd gave up.
 */
function unitState(field: (name: (typeof properties)[number]) => string): SupervisedState {
  const [active, sub] = [field('ActiveState'), field('SubState')];
  const [result, restarts] = [field('Result'), field('NRestarts')];
  if (field('LoadState') === 'not-found') return { state: 'unknown', reason: 'systemd has no such unit' };
  const detail = `${active} (${sub})${result === '' || result === 'success' ? '' : `, result ${result}`}`;
  const reason = Number(restarts) > 0 ? `${detail}, restarted ${restarts} times since it was loaded` : detail;
  const state: InstanceState =
    sub === 'auto-restart' || result === 'start-limit-hit' ? 'crash-loop' : (states[active] ?? 'unknown');
  const pid = Number(field('MainPID'));
  return { state, ...(state !== 'running' && { reason }), ...(pid > 0 && { pid }) };
}

export async function readUnits(
  commands: HostCommands,
  units: readonly string[],
  io: Io,
): Promise<Map<string, SupervisedState>> {
  const words = ['show', `--property=${properties.join(',')}`, '--', ...units];
  const result = await commands.run('systemctl', words, io);
  const read = parseUnits(result.stdout);
  if (read.size === 0) throw systemdFault(commands.host, result);
  return read;
}

const systemdFault = (host: string, { exitCode, stderr, stdout }: ProgramResult) =>
  new AppError(
    'host-unreadable',
    `host ${host}: systemctl failed: ${`${stderr}\n${stdout}`.trim().split('\n').at(-1) || `exit code ${exitCode}`}`,
    {
      hint: /sudo:/.test(stderr)
        ? 'allow this user systemctl in sudoers with NOPASSWD, or log in as another user'
        : /authentication required|Access denied/i.test(stderr)
          ? 'the user of the host may not control units: set `sudo: true`'
          : 'check that systemd runs on that host',
    },
  );

/**
 * From sd-messages.h: SD_MESSAGE_UNIT_STARTED and SD_MESSAGE_UNIT_RESTART_SCHEDULED. Entries have the unit in the field
 * UNIT.
 */
const unitStarted = '39f53479d3a045ac8e11786248231fbf';
const restartScheduled = '5eb03494b6584870a536b337290809b3';

/** Uses `short-unix`, which prints seconds since the epoch, so that no time zone is needed. */
export async function readUnitStarts(
  commands: HostCommands,
  units: readonly string[],
  now: number,
  io: Io,
): Promise<StartHistory | undefined> {
  const words = ['--quiet', '--no-pager', '--output=short-unix', '--lines=400'];
  // Matches of the same field are alternatives.
  const messages = [unitStarted, restartScheduled].map((id) => `MESSAGE_ID=${id}`);
  const histories = new Map<string, LoggedStarts>();
  for (const unit of units) {
    const { exitCode, stdout } = await commands.run('journalctl', [...words, ...messages, `UNIT=${unit}`], io);
    if (exitCode !== 0) return undefined;
    histories.set(unit, parseUnitStarts(stdout, now));
  }
  return { of: (unit) => histories.get(unit) ?? { starts: [], looped: [] } };
}

/*
 *   1795418400.123456 host systemd[1]: Started kafka.service - Kafka.                                  by an operator
 *   1795418460.000001 host systemd[1]: kafka.service: Scheduled restart job, restart counter is at 1.  by systemd
 *   1795418460.100001 host systemd[1]: Started kafka.service - Kafka.
 */
function parseUnitStarts(journal: string, now: number): LoggedStarts {
  const starts: number[] = [];
  let looped: number[] = [];
  let isScheduled = false;
  for (const [, at, message] of journal.matchAll(/^(\d+)(?:\.\d+)? \S+ \S+: (.*)$/gm)) {
    if (message?.includes('Scheduled restart job') === true) {
      isScheduled = true;
      continue;
    }
    const ago = now - Number(at);
    starts.push(ago);
    looped = isScheduled ? [...looped, ago] : [ago];
    isScheduled = false;
  }
  return { starts, looped };
}

/** Safe to repeat. @throws AppError host-unreadable with systemd's message */
export async function controlUnit(
  commands: HostCommands,
  { unit, sudo }: Systemd,
  action: 'start' | 'stop',
  io: Io,
): Promise<void> {
  const result = await commands.run('systemctl', [action, '--', unit], io, { sudo });
  // If a unit fails while it starts, its output explains why.
  if (result.exitCode !== 0 && !/Job for .* failed/.test(result.stderr)) throw systemdFault(commands.host, result);
}

/** Lines of this unit, newest last. */
export async function readUnitOutput(
  commands: HostCommands,
  { unit, sudo }: Systemd,
  lines: number,
  io: Io,
): Promise<string> {
  const words = ['--quiet', '--no-pager', '--output=cat', `--unit=${unit}`, `--lines=${lines}`];
  return (await commands.run('journalctl', words, io, { sudo })).stdout;
}

/**
 * Call after the unit's file was written, or before and after it is removed; starts nothing. Safe to repeat.
 * @throws AppError host-unreadable
 */
export async function registerUnit(
  commands: HostCommands,
  { unit, sudo }: Systemd,
  action: 'add' | 'remove',
  io: Io,
): Promise<void> {
  const ask = async (...words: string[]) => {
    const result = await commands.run('systemctl', words, io, { sudo });
    const isGone = action === 'remove' && /not loaded|does not exist|No such file/.test(result.stderr);
    if (result.exitCode !== 0 && !isGone) throw systemdFault(commands.host, result);
  };
  // A unit enabled by its [Install] section can only be disabled while its file exists.
  if (action === 'remove') await ask('disable', '--', unit);
  await ask('daemon-reload');
  if (action === 'add') await ask('enable', '--', unit);
}
