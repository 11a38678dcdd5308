// Reads the inventory of instances from the configured hosts, and proposes the desired state from it.

import { existsSync } from 'node:fs';
import { join } from 'node:path/posix';
import type { DesiredInstance, InstancesDocument } from '../../core/documents/instances.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import { findInstances, type FoundInstance } from '../../hosts/instances/find-instances.ts';
import { type InstanceHost, openInstanceHost } from '../../hosts/instances/instance-host.ts';
import { parseProperties } from '../../hosts/instances/instance-settings.ts';
import type { Caller } from '../caller.ts';
import { type DesiredRequest, instancesPath, readDesired } from './desired-file.ts';
import { type Proposed, proposeInstances } from './discover.ts';
import { inventoryOf } from './inventory.ts';
import type { Clock } from '../../core/clock.ts';
import { type Service, serviceKey, serviceOf } from '../../hosts/instances/service.ts';
import {
  type LoggedStarts,
  readSpawns,
  readSupervisor,
  type StartHistory,
  type SupervisedState,
} from '../../hosts/instances/supervisord.ts';
import { readUnits, readUnitStarts } from '../../hosts/instances/systemd.ts';

type InventoryRequest = DesiredRequest & Readonly<{ cluster?: string | undefined }>;

type InventoryIo = Pick<Caller<InventoryRequest>, 'options' | 'signal' | 'clock'>;

/** Without instances.yaml, running instances are listed without a desired state. @throws AppError config-unreadable, config-invalid, usage */
export async function readInventory(io: InventoryIo): Promise<InstancesDocument> {
  const { options, signal, clock } = io;
  const { config, file } = await instancesPath(io);
  requireCluster(options.cluster, config.clusters);
  const isThere = existsSync(file);
  const instances = isThere ? (await readDesired(io)).instances : {};
  const notices = isThere
    ? []
    : [`there is no ${file}: \`plimsoll instances discover\` writes it; until then nothing is compared`];
  const wanted = Object.entries(instances).filter(
    ([, { cluster }]) => options.cluster === undefined || cluster === options.cluster,
  );
  const desired = Object.fromEntries(wanted);
  // With a cluster selected, instances of other clusters on the same hosts are omitted.
  const names =
    options.cluster === undefined ? readable(config.hosts) : [...new Set(wanted.map(([, { host }]) => host))];
  const views = await readHosts(names, config.hosts, Object.values(instances), { clock, signal });
  const all = inventoryOf(options.cluster === undefined ? desired : instances, views);
  const shown = options.cluster === undefined ? all : all.filter(({ cluster }) => cluster === options.cluster);
  return { schemaVersion: 1, instances: shown, notices: [...notices, ...views.flatMap((view) => view.notices)] };
}

/** A node_exporter shows no processes. */
const readable = (hosts: HostsConfig): string[] =>
  Object.entries(hosts).flatMap(([name, { probe }]) => (probe === 'node-exporter' ? [] : [name]));

/** @throws AppError config-unreadable, config-invalid, usage; not-found if no instance runs */
export async function discoverInstances(io: InventoryIo): Promise<Proposed & { file: string }> {
  const { options, signal, clock } = io;
  const { config, file } = await instancesPath(io);
  requireCluster(options.cluster, config.clusters);
  const names = readable(config.hosts);
  const views = await readHosts(names, config.hosts, [], { clock, signal });
  const notices = views.flatMap((view) => view.notices);
  const found = views.flatMap((view) => view.found ?? []);
  if (found.length === 0) {
    const why = notices.length > 0 ? notices.join('; ') : 'no broker, name server or controller runs there';
    throw new AppError(
      'not-found',
      `no instances found on ${names.length === 0 ? 'any host' : names.join(', ')}: ${why}`,
      {
        hint: 'start them, or add their hosts to `hosts:` in the config file (probe: ssh or local)',
      },
    );
  }
  const ids = await readClusterIds(found, config.hosts, io);
  const proposed = proposeInstances(found, config.clusters, ids, options.cluster);
  return { file, instances: proposed.instances, notices: [...notices, ...proposed.notices] };
}

/** `cluster.id` that Kafka wrote into meta.properties of its directories. */
async function readClusterIds(
  found: readonly FoundInstance[],
  hosts: HostsConfig,
  { clock, signal }: Pick<InventoryIo, 'clock' | 'signal'>,
): Promise<Map<FoundInstance, string>> {
  const ids = new Map<FoundInstance, string>();
  for (const [name, own] of Map.groupBy(found, ({ host }) => host)) {
    const config = hosts[name];
    if (config === undefined) continue;
    await using host = openInstanceHost(name, config, { clock });
    for (const each of own.filter(({ settings }) => settings.role.startsWith('kafka-'))) {
      const paths = each.settings.directories.map((folder) => join(folder, 'meta.properties'));
      const { texts } = await host.files.readAll(paths, { signal }, { regularOnly: true });
      const id = [...texts.values()]
        .map((text) => parseProperties(text).get('cluster.id'))
        .find((each) => each !== undefined);
      if (id !== undefined) ids.set(each, id);
    }
  }
  return ids;
}

function requireCluster(name: string | undefined, clusters: Readonly<Record<string, unknown>>): void {
  if (name === undefined || Object.hasOwn(clusters, name)) return;
  const names = Object.keys(clusters);
  const meant = nearest(name, names);
  throw new AppError('usage', `the config file has no cluster ${name}; clusters: ${names.join(', ') || 'none'}`, {
    hint: meant === undefined ? 'give one of them with --cluster NAME' : `did you mean --cluster ${meant}?`,
  });
}

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
