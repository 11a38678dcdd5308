// Renders test/golden/metrics.prom from fixed readings.

import { fileURLToPath } from 'node:url';
import type { ClusterInspector } from '../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import { createLogger } from '../../core/log.ts';
import type { Page } from '../../exporter/exposition/families.ts';
import type { Format } from '../../exporter/exposition/text-format.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';
import { createMetricsPage } from '../../exporter/metrics-page.ts';
import { LocalHost } from '../../hosts/config.ts';
import { openLocalHost } from '../../hosts/local.ts';
import { recordedGcLogs } from './recorded-gc-logs.ts';

/**
 * Roots of a machine with a physical and a virtual network interface, disks with partitions, and a kernel with pressure stall information.
 */
export const recordedRoots = {
  procfs: fileURLToPath(new URL('../fixtures/hosts/linux/proc', import.meta.url)),
  sysfs: fileURLToPath(new URL('../fixtures/hosts/linux/sys', import.meta.url)),
  rootfs: fileURLToPath(new URL('../fixtures/hosts/linux/root', import.meta.url)),
};

/** Offsets above 2^53, a partition without a leader, one never committed, one of a re-created topic, quoted names. */
export const troubledSnapshot: ClusterSnapshot = {
  cluster: {
    name: 'lab',
    kind: 'kafka',
    brokers: [
      { id: '1', address: '127.0.0.1:9092' },
      { id: '2', address: '127.0.0.1:9093' },
    ],
  },
  topics: [
    {
      name: 'orders',
      internal: false,
      partitions: [
        { topic: 'orders', partition: 0, leader: '1', replicas: ['1', '2'], inSyncReplicas: ['1', '2'] },
        { topic: 'orders', partition: 1, leader: '1', replicas: ['2', '1'], inSyncReplicas: ['1'] },
      ],
    },
    {
      name: 'payments',
      internal: false,
      partitions: [
        { topic: 'payments', partition: 0, leader: '2', replicas: ['2'], inSyncReplicas: ['2'] },
        { topic: 'payments', partition: 1, replicas: ['3'], inSyncReplicas: [] },
      ],
    },
  ],
  offsets: [
    { topic: 'orders', partition: 0, start: 0n, end: 9_007_199_254_740_993n },
    { topic: 'orders', partition: 1, start: 5n, end: 40n, lastStable: 38n },
    { topic: 'payments', partition: 0, start: 0n, end: 10n },
  ],
  groups: [
    {
      name: 'billing "eu"',
      state: 'Stable',
      members: 2,
      kind: 'consumer',
      partitions: [
        { topic: 'orders', partition: 0, end: 9_007_199_254_740_993n, committed: 9_007_199_254_740_990n },
        { topic: 'orders', partition: 1, end: 40n },
        { topic: 'payments', partition: 0, end: 10n, committed: 25n },
      ],
    },
    { name: 'idle', state: 'Empty', members: 0, partitions: [] },
  ],
  sections: [
    { section: 'metadata', kind: 'fresh', durationSeconds: 0.012, ageSeconds: 0 },
    { section: 'offsets', broker: '1', kind: 'fresh', durationSeconds: 0.02, ageSeconds: 0 },
    { section: 'offsets', broker: '2', kind: 'missing', durationSeconds: 5, reason: 'no answer before the deadline' },
    { section: 'log-dirs', broker: '1', kind: 'kept', durationSeconds: 5, ageSeconds: 60, reason: 'the disk is slow' },
    { section: 'configs', kind: 'skipped', reason: 'request handlers are busy' },
    { section: 'quorum', kind: 'fresh', durationSeconds: 0.01, ageSeconds: 0 },
    { section: 'zookeeper', broker: '127.0.0.1:2181', kind: 'fresh', durationSeconds: 0.003, ageSeconds: 0 },
    { section: 'internals', broker: '1', kind: 'fresh', durationSeconds: 0.4, ageSeconds: 0 },
  ],
  certificates: [{ address: 'broker-1:9093', expiresAtMs: 1_795_174_295_000, lifetimeSeconds: 31_536_000 }],
  requests: { Metadata: 1, ListOffsets: 4 },
  kafka: {
    replicaHolders: ['1', '2', '3'],
    logDirectories: [
      {
        broker: '1',
        path: '/var/lib/kafka',
        totalBytes: 270_553_174_016n,
        usableBytes: 78_211_985_408n,
        isCordoned: false,
      },
      { broker: '2', path: '/disk "b"', error: 'KAFKA_STORAGE_ERROR' },
    ],
    topicSizes: [
      { broker: '1', topic: 'orders', bytes: 9_007_199_254_740_993n, futureBytes: 0n },
      { broker: '2', topic: 'payments', bytes: 690n, futureBytes: 69n },
    ],
    quorum: {
      leader: '1',
      epoch: 4,
      highWatermark: 88n,
      voters: [
        { id: '1', logEnd: 90n, lastCaughtUpMs: 1_795_174_295_005 },
        { id: '2', logEnd: 88n, lastCaughtUpMs: 1_795_174_294_005 },
        { id: '3', logEnd: -1n },
      ],
      observers: [{ id: '4', logEnd: 90n }],
    },
    topicConfigs: [
      { topic: 'orders', minInSyncReplicas: 2, retentionMs: 604_800_000n, cleanupPolicy: 'delete' },
      { topic: 'payments', minInSyncReplicas: 1, retentionBytes: 1_073_741_824n, cleanupPolicy: 'compact,delete' },
    ],
    zooKeeper: [
      {
        address: '127.0.0.1:2181',
        state: 'leader',
        averageLatencyMs: 0.54,
        maximumLatencyMs: 12,
        outstandingRequests: 0,
        connections: 3,
        watches: 41,
        znodes: 131,
        expiredSessions: 2,
        followers: 2,
        syncedFollowers: 1,
      },
      { address: '127.0.0.1:2182', state: 'follower', averageLatencyMs: 0, maximumLatencyMs: 4, connections: 1 },
    ],
    internals: [
      {
        broker: '1',
        agent: 'jolokia',
        values: [
          { metric: 'kafka_broker_bytes_in_total', labels: [], value: 4_217_384 },
          { metric: 'kafka_broker_requests_total', labels: ['Produce'], value: 200 },
          { metric: 'kafka_broker_request_phase_seconds_total', labels: ['Produce', 'local'], value: 0.41 },
        ],
        dropped: 0,
      },
    ],
  },
};

/** Time lag is known for one partition and unknown for another. */
const goldenLagTimes: LagTimes = {
  clampedTotal: 1,
  openTransactionSeconds: ({ lastStable, end = 0n }) => (lastStable !== undefined && lastStable < end ? 40 : 0),
  of: (_, { topic, committed }) =>
    topic === 'orders' && committed !== undefined
      ? { seconds: 12.5, method: 'interpolated', ageSeconds: 0 }
      : undefined,
};

export function inspectorOf(snapshot: ClusterInspector['snapshot']): ClusterInspector {
  return {
    snapshot,
    describe: async (io) => (await snapshot(io)).cluster,
    async [Symbol.asyncDispose]() {},
  };
}

export const stoppedClock: Clock = {
  now: () => new Date(0),
  monotonic: () => seconds(0),
  sleep: () => new Promise(() => {}),
};

export async function renderGoldenPage(format: Format = 'text'): Promise<string> {
  const probe = openLocalHost('broker-1', LocalHost.parse({ probe: 'local', ...recordedRoots }), {
    platform: 'linux',
    clock: stoppedClock,
  });
  const page = createMetricsPage({
    clusters: [
      {
        name: 'lab',
        kind: 'kafka',
        inspector: inspectorOf(async () => troubledSnapshot),
        lagClock: { observe: () => goldenLagTimes },
      },
    ],
    hosts: [
      {
        name: 'broker-1',
        probe: {
          ...probe,
          sample: async (wanted, io) => ({ ...(await probe.sample(wanted, io)), gcLogs: recordedGcLogs }),
        },
      },
    ],
    clock: stoppedClock,
    log: createLogger('silent'),
    metrics: [],
  });
  return textOf(await page.render({ signal: new AbortController().signal }), format);
}

export function textOf(page: Page, format: Format = 'text'): string {
  return Buffer.concat([...page.chunks(format)]).toString();
}
