// Reads one process from the kernel: a few files in one round trip, and one file per thread.

import { join } from 'node:path/posix';
import { defined } from '../../core/defined.ts';
import type { RunningProcess, ThreadGroup } from '../../core/documents/evidence/process-reading.ts';
import { earlierReadings, withReading } from '../../core/earlier-readings.ts';
import type { HostFiles, Io } from '../host-files.ts';
import { cgroupFiles, parseCgroup, parseCgroupPaths } from '../linux/cgroup.ts';
import { parsePidIo, parsePidStat, parseAllowedCpus, parsePidStatus, parseOpenFilesLimit } from '../proc/process.ts';
import { readContainment } from './containment.ts';
import type { Jvm } from './find-jvms.ts';

/** CPU seconds by thread id, and the monotonic time at which they were read. */
interface ThreadTimes {
  atSeconds: number;
  seconds: ReadonlyMap<string, number>;
}

/** `ended` also if the pid was reused; `unread` if it is unknown whether the process still runs. */
type ProcessRead =
  { kind: 'read'; process: RunningProcess; remembered: Remembered } | { kind: 'ended' } | { kind: 'unread' };

/** State that one reading keeps for the next reading of the same process. */
export interface Remembered {
  threads: readonly ThreadTimes[];
  maps?: Counted;
  openFiles?: Counted;
  /** Constant, because a process cannot move between containers. */
  isContained: boolean;
}

interface Counted {
  atSeconds: number;
  count: number;
}

/** The kernel blocks a process's memory management while its maps are listed: a broker may have tens of thousands. */
const longListsEverySeconds = 60;
/** Over SSH, ten thousand open files are more than a megabyte: longer lists are read at that rare interval. */
const manyOpenFiles = 1000;

/** Errors for an ended process: the first on opening a file, the second on reading an open one. */
const faultsOfEnded: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH']);

interface ProcessRequest {
  procfs: string;
  sysfs: string;
  jvm: Jvm;
  bootTimeSeconds: number;
  /** Version from the release file of its JVM. */
  version: string | undefined;
  before: Remembered | undefined;
  now: () => number;
}

export async function readProcess(
  files: HostFiles,
  { procfs, sysfs, jvm, bootTimeSeconds, version, before, now }: ProcessRequest,
  io: Io,
): Promise<ProcessRead> {
  const folder = join(procfs, String(jvm.pid));
  const path = (name: string) => join(folder, name);
  const isMapsDue = before?.maps === undefined || now() - before.maps.atSeconds >= longListsEverySeconds;
  const isFdDue =
    before?.openFiles === undefined ||
    before.openFiles.count < manyOpenFiles ||
    now() - before.openFiles.atSeconds >= longListsEverySeconds;
  const [{ texts, failures }, lists, listed] = await Promise.all([
    files.readAll(['stat', 'status', 'io', 'limits', 'cgroup'].map(path), io),
    files.listAll([...(isFdDue ? [path('fd')] : []), path('task')], io),
    isMapsDue ? files.countLines(path('maps'), io) : undefined,
  ]);
  const stat = parsePidStat(texts.get(path('stat')) ?? '');
  const status = texts.get(path('status')) ?? '';
  const memory = parsePidStatus(status);
  if (stat !== undefined && stat.startedAfterBootSeconds !== jvm.startedAfterBootSeconds) return { kind: 'ended' };
  if (stat === undefined || memory === undefined) {
    // A zombie has both files, but no memory.
    const faults = ['stat', 'status'].flatMap((name) => failures.get(path(name)) ?? []);
    return { kind: faults.every((fault) => faultsOfEnded.has(fault)) ? 'ended' : 'unread' };
  }
  const opened = lists.get(path('fd'));
  const openFiles = isFdDue ? opened && { atSeconds: now(), count: opened.length } : before.openFiles;
  const maps = listed?.kind === 'counted' ? { atSeconds: now(), count: listed.lines } : before?.maps;
  const places = parseCgroupPaths(texts.get(path('cgroup')) ?? '', sysfs);
  const cgroupTexts = places && (await files.readAll(cgroupFiles(places), io)).texts;
  const cgroup = places && cgroupTexts && parseCgroup(places, (file) => cgroupTexts.get(file));
  const isContained = before?.isContained ?? (await readContainment(files, { procfs, pid: jvm.pid, status }, io));
  const threads = await readThreads(files, path('task'), lists.get(path('task')) ?? [], io);
  const times = { atSeconds: now(), seconds: new Map(threads.map(({ id, seconds }) => [id, seconds])) };
  const earlier = earlierReadings(before?.threads ?? [], times.atSeconds);
  const threadNames = threads.map(({ name }) => name);
  const nameless = namelessOf(threadNames, stat.name);
  const unread = [
    ...[...failures].map(([file, why]) => `${file.slice(folder.length + 1)}: ${why}`),
    ...(listed?.kind === 'unread' ? [`maps: ${listed.reason}`] : []),
    ...(openFiles === undefined ? ['fd: this user may not list it'] : []),
    ...(nameless === undefined ? [] : [namelessReason]),
  ];
  return {
    kind: 'read',
    remembered: defined({ threads: withReading(earlier, times), maps, openFiles, isContained }),
    process: defined({
      pid: jvm.pid,
      startedAtSeconds: bootTimeSeconds + stat.startedAfterBootSeconds,
      cpu: { userSeconds: stat.userSeconds, systemSeconds: stat.systemSeconds },
      memory: { virtualBytes: stat.virtualBytes, ...memory },
      threads: stat.threads,
      openFiles: openFiles?.count,
      openFilesLimit: parseOpenFilesLimit(texts.get(path('limits')) ?? ''),
      memoryMaps: maps?.count,
      faults: { minor: stat.minorFaults, major: stat.majorFaults },
      io: parsePidIo(texts.get(path('io')) ?? ''),
      jvm: { ...jvm.command.jvm, ...defined({ version }) },
      threadGroups: groupThreads(threads, nameless, earlier[0], times.atSeconds),
      cgroup,
      allowedCpus: parseAllowedCpus(status),
      ...(isContained && { isContained: true as const }),
      ports: [...(jvm.ports ?? [])],
      unread,
    }),
  };
}

const namelessReason =
  'thread names: this JVM does not pass them to the kernel (JDK 8 of an early update); `jcmd PID Thread.print` shows them by native id';

interface Thread {
  id: string;
  name: string;
  seconds: number;
}

async function readThreads(files: HostFiles, folder: string, ids: readonly string[], io: Io): Promise<Thread[]> {
  const pathOf = (id: string) => join(folder, id, 'stat');
  const { texts } = await files.readAll(ids.map(pathOf), io);
  return ids.flatMap((id) => {
    const stat = parsePidStat(texts.get(pathOf(id)) ?? '');
    return stat === undefined ? [] : [{ id, name: stat.name, seconds: stat.userSeconds + stat.systemSeconds }];
  });
}

function groupThreads(
  threads: readonly Thread[],
  nameless: string | undefined,
  before: ThreadTimes | undefined,
  atSeconds: number,
): ThreadGroup[] {
  const passed = before === undefined ? 0 : atSeconds - before.atSeconds;
  const groupOf = ({ name }: Thread) => (name === nameless ? namelessThreads : threadGroupOf(name));
  return [...Map.groupBy(threads, groupOf)].map(([group, members]) => {
    // Skip a thread without an earlier reading: its CPU time may cover its whole life.
    const shares = members.flatMap(({ id, seconds }) => {
      const earlier = before?.seconds.get(id);
      return earlier === undefined ? [] : [(seconds - earlier) / passed];
    });
    return {
      group,
      threads: members.length,
      cpuSeconds: members.reduce((sum, { seconds }) => sum + seconds, 0),
      ...(passed > 0 && shares.length > 0 && { busiestRatio: Math.max(0, ...shares) }),
    };
  });
}

/**
 * JDK 9 and later (JDK-7102541), and late updates of JDK 8 (seen in 8u504), pass thread names to the kernel. Under an
 * early JDK 8 all threads are named `java`: see `namelessOf`. Request handlers and network threads of Kafka share their
 * first 15 bytes (`data-plane-kafk`), so they form one group. Before 2.2 their names are `kafka-request-handler` and
 * `kafka-network-thread`. Names are those of Kafka 2.8–4.3 (core, KafkaRequestHandlerPool, SocketServer,
 * ReplicaFetcherThread, LogCleaner) and RocketMQ 4.9–5.5 (store, remoting, broker; DLedger), seen in running brokers.
 */
const groups: readonly (readonly [string, RegExp])[] = [
  ['kafka-data-plane', /^(?:data|control)-plane-kafk|^kafka-(?:request-h|network-t)/],
  ['replica-fetcher', /^ReplicaFetcherT|^ReplicaAlterLog/],
  ['log-cleaner', /^kafka-log-clean/],
  ['raft', /^kafka-\d+-raft-|^raft-/],
  ['controller', /^quorum-controll|^controller-/],
  ['coordinator', /^group-coordinat|^share-coordinat|^transaction-lo/],
  ['reput', /^ReputMessageSer|^MainBatchDispat|^DispatchService/],
  ['dledger-dispatcher', /^EntryDispatcher/],
  ['dledger', /^QuorumAckChecke|^EntryHandler-|^DLedger|^StateMaintainer|^voteInvokeExecu/],
  [
    'ha',
    /^(?:WriteSocketServ|ReadSocketServi|AcceptSocketSer|GroupTransferSe|HAClient|HAService|HAConnection|AutoSwitchHA)/,
  ],
  ['flush', /^(?:FlushRealTimeSe|GroupCommitServ|CommitRealTimeS|FlushConsumeQue|FlushCommitLog|AllocateMappedF)/],
  ['send', /^SendMessageThre|^PutMessageThrea/],
  ['pull', /^PullMessageThre|^LitePullMessage|^PullRequestHold/],
  ['netty', /^Netty/],
  ['remoting', /^RemotingExecuto/],
  [
    'gc',
    /^(?:GC Thread|GC task thread|G1 |Gang worker|Concurrent Mark|CMS |ParGC|Z(?:Worker|Driver|Director|Stat|Uncommit)|Shenandoah|VM Thread)/,
  ],
  ['compiler', /^C[12] CompilerThr/],
];

const otherThreads = 'other';
/**
 * Group of threads with names known only inside the JVM. Nothing under /proc maps them, and a thread dump would pause
 * the broker.
 */
const namelessThreads = 'unknown';

/**
 * An unnamed thread has the name of its process. If the JVM names its threads, only the launcher and the main thread
 * have that name.
 *
 * @returns the name of unnamed threads; undefined if the JVM names its threads
 */
export function namelessOf(names: readonly string[], process: string): string | undefined {
  const nameless = names.filter((name) => name === process).length;
  return nameless > names.length / 2 ? process : undefined;
}

export function threadGroupOf(name: string): string {
  return groups.find(([, pattern]) => pattern.test(name))?.[0] ?? otherThreads;
}
