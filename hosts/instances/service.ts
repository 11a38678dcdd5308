// Controls the service of an instance, whichever supervisor starts it.

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

/** One text for each service of a host. */
export const serviceKey = (service: Service): string =>
  service.kind === 'systemd' ? `systemd ${service.unit}` : `supervisord ${service.config ?? ''} ${service.program}`;

export function serviceOf({ supervisord, systemd }: Services): Service | undefined {
  if (systemd !== undefined) return { kind: 'systemd', unit: systemd.unit };
  if (supervisord === undefined) return undefined;
  const { program, config, sudo } = supervisord;
  return { kind: 'supervisord', program, sudo, ...(config !== undefined && { config }) };
}

/** @throws AppError host-unreadable where the supervisor does not answer, or does not know the service */
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

/**
 * A process that ends within a second is in no list of processes.
 *
 * @param now seconds since the epoch. @returns starts within the last `within` seconds, since an operator stopped it; 0 where no log has them
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

/** Harmless when repeated. @throws AppError host-unreadable with what the supervisor answered */
export async function control(
  commands: HostCommands,
  { supervisord, systemd }: Services,
  action: 'start' | 'stop',
  io: Io,
): Promise<void> {
  if (systemd !== undefined) await controlUnit(commands, systemd, action, io);
  else if (supervisord !== undefined) await controlProgram(commands, supervisord, action, io);
}

/** Makes the supervisor know a service whose file was written, or forget one that is stopped. Harmless when repeated. */
export async function register(
  commands: HostCommands,
  { supervisord, systemd }: Services,
  action: 'add' | 'remove',
  io: Io,
): Promise<void> {
  if (systemd !== undefined) await registerUnit(commands, systemd, action, io);
  else if (supervisord !== undefined) await registerProgram(commands, supervisord, action, io);
}

/** A RocketMQ broker whose log goes to its output writes 150 kB a minute; more than 1 MiB of an answer is refused. */
const outputOf = {
  recent: { bytes: 60_000, lines: 400 },
  long: { bytes: 600_000, lines: 4000 },
} as const;

/** @param extent `long` where the start may be minutes ago. @returns the end of what the service wrote */
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
