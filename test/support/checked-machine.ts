// Builds a well-configured machine with a RocketMQ broker, and checks it with a change.

import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import type { HostSettings } from '../../core/documents/evidence/host-settings.ts';
import { ClusterCheckReport } from '../../core/documents/cluster-check-report.ts';
import type { RunningProcess } from '../../core/documents/evidence/process-reading.ts';
import { clusterCheckReport } from '../../ops/cluster-check/report.ts';
import { readRules } from '../../ops/cluster-check/rules.ts';
import type { CheckedBroker, CheckedCluster, CheckedHost } from '../../ops/cluster-check/checked-cluster.ts';

export const gib = 2 ** 30;
export const rules = readRules();

export interface Machine {
  settings: HostSettings;
  reading: HostReading;
  process: RunningProcess;
  config: Map<string, string>;
  addresses: string[];
  mustNotLose: boolean;
}

/** A host with 64 GiB and one RocketMQ broker that is configured as its documentation recommends. */
export const goodMachine = (): Machine => ({
  settings: {
    sysctls: {
      'vm.overcommit_memory': '1',
      'vm.max_map_count': '655360',
      'vm.swappiness': '1',
      'vm.min_free_kbytes': '1000000',
      'vm.dirty_background_ratio': '5',
      'vm.dirty_ratio': '60',
      'vm.dirty_writeback_centisecs': '500',
      'vm.zone_reclaim_mode': '0',
      'vm.page-cluster': '3',
      'net.core.somaxconn': '4096',
      'kernel.osrelease': '6.1.0-18-amd64',
    },
    unread: {},
    hugePages: { enabled: 'madvise', defrag: 'madvise' },
    disks: [{ device: 'nvme0n1', scheduler: 'none', isRotational: false, members: [] }],
    mounts: [
      { device: '/dev/sda1', mountpoint: '/', type: 'ext4', options: ['rw', 'relatime'] },
      { device: '/dev/nvme0n1p1', mountpoint: '/data', type: 'xfs', options: ['rw', 'noatime'] },
    ],
    persisted: [{ file: '/etc/sysctl.d/60-broker.conf', key: 'vm.swappiness', value: '1' }],
    cards: { '10.0.0.1': 'eth0', '192.168.0.1': 'eth1' },
  },
  reading: {
    memoryBytes: { MemTotal: 64 * gib, SwapTotal: gib, SwapFree: gib },
    softnet: [{ cpu: 0, processed: 10, dropped: 0, timesSqueezed: 0 }],
    time: { epochSeconds: 1, timex: { offset_seconds: 0.001 } },
    links: [{ device: 'eth0', words: { duplex: 'full' }, numbers: {}, reportedBitsPerSecond: 10e9 }],
    // A bond without members has none that is down.
    bonds: [{ device: 'bond1', members: 0, membersUp: 0, carriers: [] }],
    networkDevices: [
      {
        device: 'eth0',
        receiveBytes: 1,
        receivePackets: 1,
        receiveErrors: 0,
        receiveDrops: 0,
        transmitBytes: 1,
        transmitPackets: 1,
        transmitErrors: 0,
        transmitDrops: 0,
      },
    ],
  },
  process: {
    pid: 77,
    startedAtSeconds: 0,
    cpu: { userSeconds: 0, systemSeconds: 0 },
    memory: { virtualBytes: 0, residentBytes: 0, swapBytes: 0 },
    threads: 100,
    openFiles: 1000,
    openFilesLimit: 655_350,
    memoryMaps: 3000,
    faults: { minor: 0, major: 0 },
    jvm: {
      mainClass: 'org.apache.rocketmq.broker.BrokerStartup',
      version: '17.0.15',
      flags: [
        '-Xms8g',
        '-Xmx8g',
        '-XX:+UseG1GC',
        '-XX:G1HeapRegionSize=16m',
        '-XX:G1ReservePercent=25',
        '-XX:InitiatingHeapOccupancyPercent=30',
        '-XX:SoftRefLRUPolicyMSPerMB=0',
        '-XX:+AlwaysPreTouch',
        '-XX:MaxDirectMemorySize=15g',
        '-Xlog:gc*:file=/dev/shm/gc.log:time:filecount=5,filesize=30M',
      ],
    },
    ports: [10911],
    unread: [],
  },
  config: new Map([
    ['brokerRole', 'SYNC_MASTER'],
    ['inSyncReplicas', '2'],
    ['flushDiskType', 'ASYNC_FLUSH'],
    ['storePathCommitLog', '/data/store/commitlog'],
    ['accessMessageInMemoryMaxRatio', '40'],
    ['transientStorePoolEnable', 'false'],
    ['transientStorePoolSize', '5'],
    ['mappedFileSizeCommitLog', String(gib)],
  ]),
  addresses: ['10.0.0.1'],
  mustNotLose: false,
});

export function sightOf({ settings, reading, process, config, addresses, mustNotLose }: Machine): CheckedCluster {
  const host: CheckedHost = {
    host: 'mq-1',
    inventory: {
      host: 'mq-1',
      cores: 16,
      memoryBytes: 64 * gib,
      networkDevices: [{ device: 'eth0', speed: { bitsPerSecond: 10e9, source: 'config' } }],
    },
    reading: { ...reading, processes: [{ state: 'running', name: 'rocketmq-broker', restarts: 0, process }] },
    settings,
  };
  const broker = { id: 'broker-a:0', address: '10.0.0.1:10911' };
  const place: CheckedBroker = { broker, host, process, addresses, settings: config };
  return { kind: 'rocketmq', name: 'orders', hosts: [host], brokers: [place], mustNotLose };
}

export function reportOf(change: (machine: Machine) => void): ClusterCheckReport {
  const machine = goodMachine();
  change(machine);
  const now = new Date('2026-11-20T12:00:00Z');
  return ClusterCheckReport.parse(
    clusterCheckReport({ checked: sightOf(machine), rules, waivers: [], now, notices: [] }),
  );
}
export const foundBy = (change: (machine: Machine) => void) => reportOf(change).findings.map(({ rule }) => rule);

export const sysctl = (key: string, value: string) => (machine: Machine) => {
  machine.settings = { ...machine.settings, sysctls: { ...machine.settings.sysctls, [key]: value } };
};
export const reads = (more: Partial<HostReading>) => (machine: Machine) => {
  machine.reading = { ...machine.reading, ...more };
};
export const flag =
  (drop: RegExp, ...add: string[]) =>
  (machine: Machine) => {
    const { jvm } = machine.process;
    const flags = [...jvm.flags.filter((each) => !drop.test(each)), ...add];
    machine.process = { ...machine.process, jvm: { ...jvm, flags } };
  };
export const runs = (more: Partial<RunningProcess>) => (machine: Machine) => {
  machine.process = { ...machine.process, ...more };
};
export const setting = (key: string, value: string) => (machine: Machine) => void machine.config.set(key, value);
export const disk = (more: object) => (machine: Machine) => {
  machine.settings = { ...machine.settings, disks: machine.settings.disks.map((each) => ({ ...each, ...more })) };
};
export const mount = (more: object) => (machine: Machine) => {
  const { mounts } = machine.settings;
  machine.settings = {
    ...machine.settings,
    mounts: mounts.map((each) => (each.mountpoint === '/data' ? { ...each, ...more } : each)),
  };
};
