// Watches a Linux host: regular readings, and an inventory that is refreshed once per minute.

import { type Clock, seconds, systemClock, untilAborted } from '../../core/clock.ts';
import type {
  HostInventory,
  HostReading,
  QueueDiscipline,
  ReadingSection,
  StatedSpeed,
} from '../../core/documents/evidence/host-reading.ts';
import type { LocalHost } from '../config.ts';
import { createPauseCounts } from '../gc-tail/pause-counts.ts';
import { createGcLogTail } from '../gc-tail/tail.ts';
import type { HostFiles, Io } from '../host-files.ts';
import type { HostProbe } from '../probe.ts';
import { createProcessWatch } from '../processes/process-watch.ts';
import { readInventory } from './inventory.ts';
import { readSettings } from '../settings/read-settings.ts';
import { type LinuxRoots, type LinuxSection, namespaceOf, rootsOf } from './roots.ts';
import { AppError, endOfWait } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';
import { createCpuGuard } from '../cpu-guard.ts';
import { parseQueueDisciplines } from '../proc/queue-disciplines.ts';
import { mountFiles, readFileSystems } from './file-systems.ts';
import { sections } from './sections.ts';

export interface WatchOptions {
  clock?: Clock;
  /** Folder for state that must survive a restart; if absent, no GC logs are followed. */
  stateDirectory?: string | undefined;
}

const inventoryAgeSeconds = 60;

/** Disposing the probe also closes the files. */
export function watchLinux(
  host: string,
  config: Omit<LocalHost, 'probe' | 'addresses'>,
  files: HostFiles,
  { clock = systemClock, stateDirectory }: WatchOptions,
): HostProbe {
  const roots = rootsOf(config);
  const request = { host, roots, devices: config.network.devices, stated: statedSpeed(config.network) };
  // The counter guard has state: reading the inventory must not count as a reading.
  const readings = createLinuxSampler(host, files, roots);
  const facts = createLinuxSampler(host, files, roots);
  const watchProcesses = () => createProcessWatch(files, { ...config, wanted: config.processes, clock });
  const processes = watchProcesses();
  const gcLogs =
    stateDirectory === undefined
      ? undefined
      : createGcLogTail(host, files, { roots, wanted: config.gcLogs, stateDirectory, clock });
  const jvms = createLatePart(async (io) => {
    const watched = await processes.sample(io);
    // The start options of a process name its log.
    const logs = await gcLogs?.sample(watched, io);
    return { processes: watched, ...(logs && { gcLogs: logs }) };
  }, clock);
  let known: { inventory: HostInventory; at: number } | undefined;

  return {
    async describe(io) {
      if (known === undefined || clock.monotonic() - known.at >= inventoryAgeSeconds) {
        known = { inventory: await readInventory(files, { ...request, sample: facts }, io), at: clock.monotonic() };
      }
      return known.inventory;
    },
    async sample(wanted, io) {
      const isRequested = wanted.has('processes') || (gcLogs !== undefined && wanted.has('gcLogs'));
      if (isRequested) jvms.begin();
      const reading = await readings(wanted, io);
      return isRequested ? { ...reading, ...tellJvms(await jvms.take(io), wanted) } : reading;
    },
    settings: (io) => readSettings(files, roots, io),
    countPauses: () =>
      createPauseCounts(host, files, { roots, wanted: config.gcLogs, processes: watchProcesses(), clock }),
    async [Symbol.asyncDispose]() {
      await jvms[Symbol.asyncDispose]();
      await gcLogs?.[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

function tellJvms(part: Part<Pick<HostReading, 'processes' | 'gcLogs'>>, wanted: ReadonlySet<ReadingSection>) {
  if (part.kind === 'absent') return { unread: { processes: part.reason } };
  const { processes, gcLogs } = part.value;
  return {
    ...(processes && wanted.has('processes') && { processes }),
    ...(gcLogs && wanted.has('gcLogs') && { gcLogs }),
  };
}

export function statedSpeed({ speed, speedSource }: LocalHost['network']): StatedSpeed | undefined {
  if (speed === undefined) return undefined;
  return { bitsPerSecond: speed, source: speedSource === undefined ? 'config' : `config: ${speedSource}` };
}

/** Needs at most two round trips: one lists folders, one reads all files; file systems are queried in parallel. */
export function createLinuxSampler(host: string, files: HostFiles, roots: LinuxRoots) {
  const guard = createCpuGuard();
  let areQueuesShown = true;

  /** Does not query a host without queues again. */
  async function readQueues(io: Io): Promise<QueueDiscipline[] | undefined> {
    if (!areQueuesShown || files.readQueues === undefined) return undefined;
    const queues = parseQueueDisciplines((await files.readQueues(namespaceOf(roots), io)) ?? '');
    areQueuesShown = queues !== undefined;
    return queues;
  }

  return async (wanted: ReadonlySet<ReadingSection>, io: Io): Promise<HostReading> => {
    const selected = Object.entries<LinuxSection<unknown>>(sections).filter(([name]) =>
      wanted.has(name as ReadingSection),
    );
    const folders = [...new Set(selected.flatMap(([, { folders: of }]) => of?.(roots) ?? []))];
    const listing = folders.length === 0 ? new Map<string, string[]>() : await files.listAll(folders, io);
    const paths = new Set(selected.flatMap(([, section]) => section.files(roots, listing)));
    if (wanted.has('fileSystems')) for (const path of mountFiles(roots)) paths.add(path);
    // Run the slow program first: counters are read after it, so that the caller's clock matches them.
    const queues = wanted.has('queues') ? await readQueues(io) : undefined;
    const { texts, failures } = await files.readAll([...paths], io);
    io.signal.throwIfAborted();
    const isOfKernel = (path: string) => path.startsWith(roots.procfs) || path.startsWith(roots.net);
    if (![...texts.keys()].some(isOfKernel)) {
      const failure = [...failures].find(([path]) => isOfKernel(path));
      const reason = failure === undefined ? 'the files are empty' : failure.join(': ');
      throw new AppError('host-unreadable', `cannot read anything of host ${host} under ${roots.procfs}: ${reason}`);
    }
    const textOf = (path: string) => texts.get(path);
    const values = selected.flatMap(([name, section]) => {
      const value = section.parse(textOf, roots, listing);
      return value === undefined ? [] : [[name, value] as const];
    });
    const reading = Object.fromEntries(values) as HostReading;
    const fileSystems = wanted.has('fileSystems') ? await readFileSystems(files, { textOf, roots }, io) : undefined;
    return {
      ...reading,
      ...defined({ queues, cpus: reading.cpus && guard(reading.cpus), fileSystems }),
    };
  };
}

type Part<T> = { kind: 'read'; value: T } | { kind: 'absent'; reason: string };

const patience = seconds(2);
const longest = seconds(30);
/** Older results are discarded. */
const mostAgeSeconds = 60;

/** Gives a slow part of a reading a short grace period; a later result becomes part of the next reading. */
export function createLatePart<T>(read: (io: Io) => Promise<T>, clock: Pick<Clock, 'monotonic' | 'sleep'>) {
  let running: Promise<Part<T>> | undefined;
  let late: { part: Part<T>; at: number } | undefined;
  const closing = new AbortController();

  async function attempt(): Promise<Part<T>> {
    const done = new AbortController();
    const tooLong = new AbortController();
    clock
      .sleep(longest, { signal: AbortSignal.any([done.signal, closing.signal]) })
      .then(() => tooLong.abort(new AppError('host-hung', `it was not read within ${longest} s`)), endOfWait);
    const signal = AbortSignal.any([tooLong.signal, closing.signal]);
    try {
      return { kind: 'read', value: await untilAborted(read({ signal }), signal) };
    } catch (error) {
      return { kind: 'absent', reason: (error as Error).message };
    } finally {
      done.abort();
    }
  }

  return {
    /** Starts a read, unless one is still running. */
    begin(): void {
      running ??= attempt().then((part) => {
        running = undefined;
        late = { part, at: clock.monotonic() };
        return part;
      });
    },
    /** @returns the running read if it ends soon, otherwise the late result of the previous one. Never rejects. */
    async take({ signal }: Io): Promise<Part<T>> {
      const enough = new AbortController();
      const waited = clock.sleep(patience, { signal: AbortSignal.any([signal, enough.signal]) }).catch(endOfWait);
      const soon = await Promise.race([running, waited]);
      enough.abort();
      const before = late;
      late = undefined;
      if (soon !== undefined) return soon;
      if (before !== undefined && clock.monotonic() - before.at <= mostAgeSeconds) return before.part;
      return {
        kind: 'absent',
        reason: `it took ${patience} s longer than the rest; it is included in the next reading`,
      };
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new AppError('host-hung', 'its reading was abandoned'));
      await running;
    },
  };
}
