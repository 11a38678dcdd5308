// Reads what runs on each host: processes of brokers, states of their supervisors, and recent starts.

import type { Clock } from '../../core/clock.ts';
import type { DesiredInstance } from '../../core/documents/instances.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import { findInstances, type FoundInstance } from '../../hosts/instances/find-instances.ts';
import { openInstanceHost, type InstanceHost } from '../../hosts/instances/instance-host.ts';
import { serviceKey, serviceOf, type Service } from '../../hosts/instances/service.ts';
import {
  readSpawns,
  readSupervisor,
  type LoggedStarts,
  type StartHistory,
  type SupervisedState,
} from '../../hosts/instances/supervisord.ts';
import { readUnits, readUnitStarts } from '../../hosts/instances/systemd.ts';

export interface HostView {
  host: string;
  /** Absent if the host could not be read; `notices` then has the reason. */
  found?: readonly FoundInstance[];
  /** By service: state and starts reported by its supervisor. */
  supervised: ReadonlyMap<string, Supervised>;
  notices: readonly string[];
}

export interface Supervised {
  /** Absent if the supervisor does not know the service. */
  state?: SupervisedState;
  /** Seconds ago, oldest first; absent if its log cannot be read. */
  starts?: LoggedStarts;
}

interface Reader {
  clock: Clock;
  signal: AbortSignal;
}

const patienceMs = 30_000;

/** @param desired of all hosts; other processes found there are read too */
export function readHosts(
  names: readonly string[],
  hosts: HostsConfig,
  desired: readonly DesiredInstance[],
  reader: Reader,
): Promise<HostView[]> {
  return Promise.all(
    names.map((name) =>
      readHost(
        name,
        hosts,
        desired.filter(({ host }) => host === name),
        reader,
      ),
    ),
  );
}

async function readHost(
  name: string,
  hosts: HostsConfig,
  desired: readonly DesiredInstance[],
  { clock, signal }: Reader,
): Promise<HostView> {
  const config = hosts[name];
  const nothing = { host: name, supervised: new Map<string, Supervised>() };
  if (config === undefined) return { ...nothing, notices: [`host ${name} is not configured`] };
  const io = { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) };
  try {
    await using host = openInstanceHost(name, config, { clock });
    const found = await findInstances(host, io);
    const services = new Map(
      [
        ...desired.flatMap((each) => serviceOf(each) ?? []),
        ...found.flatMap(({ startedBy }) => (startedBy.kind === 'none' ? [] : [startedBy])),
      ].map((service) => [serviceKey(service), service]),
    );
    const { supervised, notices } = await readServices(host, [...services.values()], clock, io);
    return { host: name, found, supervised, notices };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof AppError) return { ...nothing, notices: [cause.message] };
    if (io.signal.aborted)
      return { ...nothing, notices: [`host ${name} did not answer within ${patienceMs / 1000} s`] };
    throw cause;
  }
}

/** Queries each supervisor once for all its services. */
async function readServices(
  host: InstanceHost,
  services: readonly Service[],
  clock: Clock,
  io: { signal: AbortSignal },
): Promise<Pick<HostView, 'supervised' | 'notices'>> {
  const supervised = new Map<string, Supervised>();
  const notices: string[] = [];
  const { commands } = host;
  const take = async (
    own: readonly Service[],
    nameOf: (service: Service) => string,
    readStates: () => Promise<ReadonlyMap<string, SupervisedState>>,
    readStarts: () => Promise<StartHistory | undefined>,
  ) => {
    try {
      const states = await readStates();
      const starts = await readStarts();
      for (const service of own) {
        const name = nameOf(service);
        const state = states.get(name);
        supervised.set(serviceKey(service), {
          ...(state && { state }),
          ...(starts && { starts: starts.of(name) }),
        });
      }
    } catch (cause) {
      const { message, hint } = faultOf(cause, io);
      notices.push(`${message}; ${hint}`);
    }
  };
  const programs = services.filter((service) => service.kind === 'supervisord');
  for (const own of Map.groupBy(programs, ({ config = '', sudo }) => `${sudo} ${config}`).values()) {
    const { config, sudo } = own[0] as (typeof own)[number];
    const supervisor = { config, sudo };
    await take(
      own,
      (service) => (service.kind === 'supervisord' ? service.program : ''),
      () => readSupervisor(commands, supervisor, io),
      () => readSpawns(commands, supervisor, io),
    );
  }
  const units = services.flatMap((service) => (service.kind === 'systemd' ? [service.unit] : []));
  if (units.length > 0) {
    await take(
      services.filter(({ kind }) => kind === 'systemd'),
      (service) => (service.kind === 'systemd' ? service.unit : ''),
      () => readUnits(commands, units, io),
      () => readUnitStarts(commands, units, clock.now().getTime() / 1000, io),
    );
  }
  return { supervised, notices };
}
