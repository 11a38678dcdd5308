// Controls the service of an instance through its supervisor.

import type { DesiredInstance } from '../../core/documents/instances.ts';
import { AppError } from '../../core/errors.ts';
import type { Io } from '../host-files.ts';
import type { StartedBy } from './find-instances.ts';
import type { HostCommands } from './host-commands.ts';
import {
  controlProgram,
  readProgramOutput,
  readSpawns,
  readSupervisor,
  registerProgram,
  type SupervisedState,
} from './supervisord.ts';
import { controlUnit, readUnitOutput, readUnits, readUnitStarts, registerUnit } from './systemd.ts';

export type Service = Exclude<StartedBy, { kind: 'none' }>;
type Services = Pick<DesiredInstance, 'supervisord' | 'systemd'>;

/** Unique text per service of a host. */
export const serviceKey = (service: Service): string =>
  service.kind === 'systemd' ? `systemd ${service.unit}` : `supervisord ${service.config ?? ''} ${service.program}`;

export function serviceOf({ supervisord, systemd }: Services): Service | undefined {
  if (systemd !== undefined) return { kind: 'systemd', unit: systemd.unit };
  if (supervisord === undefined) return undefined;
  const { program, config, sudo } = supervisord;
  return { kind: 'supervisord', program, sudo, ...(config !== undefined && { config }) };
}

/** @throws AppError host-unreadable if the supervisor does not answer, or does not know the service */
export async function readService(
  commands: HostCommands,
  { supervisord, systemd }: Services,
  io: Io,
): Promise<SupervisedState> {
  const [name, states] =
    systemd !== undefined
      ? [systemd.unit, await readUnits(commands, [systemd.unit], io)]
      : supervisord !== undefined
        ? [supervisord.program, await readSupervisor(commands, supervisord, io)]
        : ['', new Map<string, SupervisedState>()];
  const state = states.get(name);
  if (state !== undefined) return state;
  throw new AppError(
    'host-unreadable',
    name === ''
      ? `an instance on host ${commands.host} has no supervisor in instances.yaml`
      : `host ${commands.host}: its supervisor does not know ${name}`,
    {
      hint: '`supervisorctl status` or `systemctl list-units` lists what it knows',
    },
  );
}

/** systemd calls a unit failed whose JVM ended with exit code 143. A program that supervisord gave up stays FATAL. */
export const isStopped = ({ state, reason }: SupervisedState): boolean =>
  state === 'stopped' || state === 'failed' || reason?.startsWith('FATAL') === true;

/**
 * Counts starts from logs, because a process that ends within a second appears in no process list.
 *
 * @param now seconds since the epoch.
 * @returns starts within the last `within` seconds, since an operator stopped the service; 0 if no log contains any
 */
export async function countStarts(
  commands: HostCommands,
  { supervisord, systemd }: Services,
  { now, within }: { now: number; within: number },
  io: Io,
): Promise<number> {
  const [name, history] =
    systemd !== undefined
      ? [systemd.unit, await readUnitStarts(commands, [systemd.unit], now, io)]
      : supervisord !== undefined
        ? [supervisord.program, await readSpawns(commands, supervisord, io)]
        : ['', undefined];
  return (history?.of(name).looped ?? []).filter((ago) => ago <= within).length;
}

/** Safe to repeat. @throws AppError host-unreadable with the supervisor's message */
export async function control(
  commands: HostCommands,
  { supervisord, systemd }: Services,
  action: 'start' | 'stop',
  io: Io,
): Promise<void> {
  if (systemd !== undefined) await controlUnit(commands, systemd, action, io);
  else if (supervisord !== undefined) await controlProgram(commands, supervisord, action, io);
}

/** Stops a service, unless it is not registered. */
export async function stopIfKnown(commands: HostCommands, services: Services, io: Io): Promise<void> {
  await control(commands, services, 'stop', io).catch((cause: unknown) => {
    if (!(cause instanceof AppError) || !/knows no program|not loaded/.test(cause.message)) throw cause;
  });
}

/** Registers a service with the supervisor after its file was written, or removes a stopped one. Safe to repeat. */
export async function register(
  commands: HostCommands,
  { supervisord, systemd }: Services,
  action: 'add' | 'remove',
  io: Io,
): Promise<void> {
  if (systemd !== undefined) await registerUnit(commands, systemd, action, io);
  else if (supervisord !== undefined) await registerProgram(commands, supervisord, action, io);
}

/** A RocketMQ broker that logs to its output writes 150 kB per minute; responses above 1 MiB are refused. */
const outputOf = {
  recent: { bytes: 60_000, lines: 400 },
  long: { bytes: 600_000, lines: 4000 },
} as const;

/** @param extent `long` if the start may be minutes ago. @returns the last output of the service */
export async function readOutput(
  commands: HostCommands,
  { supervisord, systemd }: Services,
  io: Io,
  extent: keyof typeof outputOf = 'recent',
): Promise<string> {
  const { bytes, lines } = outputOf[extent];
  if (systemd !== undefined) return readUnitOutput(commands, systemd, lines, io);
  return supervisord === undefined ? '' : readProgramOutput(commands, supervisord, bytes, io);
}
