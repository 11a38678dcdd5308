// Collects the facts of one broker: settings, process, JVM, storage and host.

import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { defined } from '../../../core/defined.ts';
import type { RunningProcess } from '../../../core/documents/evidence/process-reading.ts';
import { factsFrom, notThere, unread, unreadableSource, type FactSource, type Subject } from '../fact.ts';
import type { CheckedBroker, CheckedCluster } from '../checked-cluster.ts';
import { hostSources, shareOf } from './host-facts.ts';
import { jvmSetup } from './jvm-flags.ts';
import { storeOf, type Store } from './store.ts';
import { unlimitedRetention } from './unlimited-retention.ts';

export function brokerSubject(place: CheckedBroker, checked: CheckedCluster, cluster: FactSource): Subject {
  const { broker, host, process } = place;
  const store = storeOf(place, checked.snapshot);
  const unknownHost = `no host is known for broker ${broker.id}: state clusters.<name>.brokers."${broker.id}".host`;
  const ofHost = host === undefined ? undefined : hostSources(host, []);
  return {
    on: 'broker',
    id: broker.id,
    sources: {
      config: configFacts(place),
      process: processFacts(place, checked, unknownHost),
      jvm:
        process === undefined
          ? unreadableSource(unreadableProcess(place, unknownHost))
          : jvmFacts(place, process, store),
      store: storeFacts(place, store, unknownHost),
      host: ofHost?.host ?? unreadableSource(unknownHost),
      sysctl: ofHost?.sysctl ?? unreadableSource(unknownHost),
      cluster,
    },
    names: {
      id: broker.id,
      address: broker.address,
      ...(host && { host: host.host }),
      ...(process && { pid: String(process.pid) }),
      ...defined({ store: store.path, mountpoint: store.mountpoint, device: store.disk, card: store.card }),
    },
  };
}

function unreadableProcess({ broker, host }: CheckedBroker, unknownHost: string): string {
  if (host === undefined) return unknownHost;
  const { trouble, reading } = host;
  if (trouble !== undefined) return trouble;
  if (reading?.processes === undefined) {
    return `processes of host ${host.host} unknown: ${reading?.unread?.['processes'] ?? 'its probe reports none'}`;
  }
  return `no JVM of host ${host.host} listens on ${broker.address}`;
}

function configFacts({ broker, settings, trouble }: CheckedBroker): FactSource {
  if (settings === undefined) return unreadableSource(trouble ?? `broker ${broker.id} did not report its settings`);
  const where = `broker ${broker.id} (${broker.address})`;
  const shown = [...settings].filter(([, value]) => value !== '(hidden)');
  return factsFrom(
    Object.fromEntries(shown),
    (name) => `${where}, ${name}`,
    (name) =>
      settings.has(name)
        ? unread(`${name} of broker ${broker.id} is a secret`)
        : notThere(`broker ${broker.id} has no setting ${name}`),
  );
}

const ofSettings: ReadonlySet<string> = new Set(['isMaster', 'hasQuorum', 'waitsForCopies']);

function processFacts(place: CheckedBroker, checked: CheckedCluster, unknownHost: string): FactSource {
  const { broker, host, process, settings, trouble } = place;
  const maps = Number(host?.settings?.sysctls['vm.max_map_count'] ?? Number.NaN);
  const hosted = replicasOn(checked.snapshot, broker.id);
  const roleOf = settings?.get('brokerRole');
  const peers = settings?.get('dLegerPeers');
  const isDledger = settings?.get('enableDLegerCommitLog') === 'true';
  const hasController = settings?.get('enableControllerMode') === 'true';
  const values = {
    openFilesLimit: process?.openFilesLimit,
    openFilesShare: shareOf(process?.openFiles, process?.openFilesLimit),
    swapBytes: process?.memory.swapBytes,
    mapsShare: shareOf(process?.memoryMaps, maps),
    mapsNeededShare: shareOf(hosted === undefined ? undefined : 2 * hosted, maps),
    fetchersWanted: hosted === undefined ? undefined : 1 + Math.floor(hosted / 500),
    isMaster: roleOf === undefined ? undefined : roleOf !== 'SLAVE' || broker.id.endsWith(':0'),
    hasQuorum: settings === undefined ? undefined : isDledger || hasController,
    // Independent of inSyncReplicas: DLedger waits for a majority, CommitLog of 5.x for all in-sync replicas.
    waitsForCopies: settings && (isDledger || (hasController && settings.get('allAckInSyncStateSet') === 'true')),
    ...(isDledger && { dledgerMembers: peers?.split(';').filter(Boolean).length }),
  };
  const where = `broker ${broker.id}${process === undefined ? '' : `, process ${process.pid} of host ${host?.host ?? ''}`}`;
  return factsFrom(values, where, (name) => {
    if (name === 'dledgerMembers') return notThere(`broker ${broker.id} is not a member of DLedger`);
    if (process === undefined) return unread(unreadableProcess(place, unknownHost));
    const unknown = `${name} of process ${process.pid} on host ${host?.host ?? ''} unknown`;
    return unread((ofSettings.has(name) ? trouble : undefined) ?? unknown);
  });
}

function replicasOn(snapshot: ClusterSnapshot | undefined, broker: string): number | undefined {
  return snapshot?.topics.reduce(
    (sum, { partitions }) => sum + partitions.filter(({ replicas }) => replicas.includes(broker)).length,
    0,
  );
}

function jvmFacts({ broker, host, settings }: CheckedBroker, process: RunningProcess, store: Store): FactSource {
  const machine = host?.inventory?.memoryBytes ?? host?.reading?.memoryBytes?.['MemTotal'];
  const container = process.cgroup?.memoryLimitBytes;
  const memory = container === undefined || (machine !== undefined && machine < container) ? machine : container;
  const { gcLogPath, others, ...stated } = jvmSetup(process, memory);
  const { heapBytes, youngBytes, directBytes, isDirectStated } = stated;
  const pool = Number(settings?.get('transientStorePoolSize')) * Number(settings?.get('mappedFileSizeCommitLog'));
  const promised = heapBytes === undefined ? undefined : heapBytes + (isDirectStated ? (directBytes ?? 0) : 0);
  const values = {
    ...others,
    ...stated,
    heapShareOfMemory: shareOf(heapBytes, memory),
    youngShareOfHeap: shareOf(youngBytes, heapBytes),
    promisedShareOfContainer: shareOf(promised, container),
    transientPoolBytes: Number.isNaN(pool) ? undefined : pool,
    isGcLogOnStore: gcLogPath === undefined || store.mountpoint === undefined ? undefined : isOnStore(gcLogPath, store),
  };
  return factsFrom(values, `command line of process ${process.pid} on host ${host?.host ?? ''}`, (name) =>
    notThere(`the command line of broker ${broker.id} (process ${process.pid}) does not state ${name}`),
  );
}

/** A GC log on the system disk is acceptable even if it also holds the messages; store-own-disk reports that. */
function isOnStore(gcLogPath: string, { mountOf, mountpoint }: Store): boolean {
  return mountpoint !== '/' && mountOf?.(gcLogPath)?.mountpoint === mountpoint;
}

function storeFacts({ broker, host, settings }: CheckedBroker, store: Store, unknownHost: string): FactSource {
  const where = store.path === undefined ? `broker ${broker.id}` : `${store.path} of broker ${broker.id}`;
  const values = {
    path: store.path,
    mountpoint: store.mountpoint,
    type: store.type,
    writesAccessTimes:
      store.options === undefined ? undefined : !store.options.some((option) => /^(noatime|relatime)$/.test(option)),
    scheduler: store.scheduler,
    isRotational: store.isRotational,
    device: store.disk,
    raidLevel: store.raidLevel,
    isAddressCounted: store.isAddressCounted,
    unlimitedRetention: settings && unlimitedByDefault(settings),
  };
  return factsFrom(values, where, (name) => {
    if (name === 'raidLevel' && store.disk !== undefined) return notThere(`${store.disk} is not a software RAID`);
    return unread(store.reasons[name] ?? (host === undefined ? unknownHost : `${host.host} does not report it`));
  });
}

/** The default for topics. With remote storage, topics that are not tiered are checked individually. */
function unlimitedByDefault(settings: ReadonlyMap<string, string>): string | undefined {
  const stated = (setting: string) => {
    const value = settings.get(`log.${setting}`);
    return value === '(not set)' ? undefined : value;
  };
  const time = stated('retention.ms') ?? stated('retention.minutes') ?? stated('retention.hours');
  // The broker is not Kafka.
  if (time === undefined) return undefined;
  const isTiered = settings.get('remote.log.storage.system.enable') === 'true';
  const setting = unlimitedRetention((each) => (each === 'retention.ms' ? time : stated(each)), isTiered);
  return setting === 'none' ? setting : `log.${setting}`;
}
