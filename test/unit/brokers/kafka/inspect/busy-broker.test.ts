// Checks which parts of a cluster are shown while one of its brokers is slow or failing.

import {
  describeConfigsV4,
  describeGroupsV5,
  describeLogDirsV4,
  listGroupsV4,
  metadataV10,
  offsetFetchV7,
  type API,
} from '@platformatic/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { createInspector } from '../../../../../brokers/kafka/inspect/snapshot.ts';
import type { Link, Links } from '../../../../../brokers/kafka/wire/links.ts';
import { usedDiskRatio } from '../../../../../brokers/reported-disks.ts';
import { createReadGovernor } from '../../../../../brokers/read-governor.ts';
import { AppError } from '../../../../../core/errors.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';

const io = () => ({ signal: AbortSignal.timeout(20_000) });
const hour = 3600;

const metadata = {
  clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
  controllerId: 1,
  brokers: [{ nodeId: 1, host: 'broker-1', port: 9092 }],
  topics: [{ name: 'orders', errorCode: 0, isInternal: false, partitions: [] }],
};
const configs = {
  results: [
    {
      resourceName: 'orders',
      errorCode: 0,
      configs: [
        { name: 'min.insync.replicas', value: '2', configSource: 5 },
        { name: 'max.message.bytes', value: '65536', configSource: 1 },
        { name: 'remote.storage.enable', value: 'true' },
        { name: 'compression.type', value: 'zstd', configSource: 1 },
      ],
    },
    {
      resourceName: 'audit',
      errorCode: 0,
      configs: [{ name: 'compression.type', value: 'gzip', configSource: 4 }],
    },
  ],
};
const logDirs = {
  errorCode: 0,
  results: [{ logDir: '/kafka', errorCode: 0, totalBytes: 100n, usableBytes: 4n, topics: [] }],
};

const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['broker-1:9092'] });

type Question = [action: string, io: { signal: AbortSignal }, api: API<unknown[], unknown>, ...request: unknown[]];

function linksTo(newest: Record<string, number>, answer: (...question: Question) => unknown): Links {
  const ask = answer as unknown as Link['ask'];
  const ranges = new Map(Object.entries(newest).map(([name, max]) => [name, { min: 0, max }]));
  return {
    to: async (address) => ({ address, ranges, ask, askForParts: ask }),
    takeCounts: () => ({}),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** One broker that answers these three requests. */
function inspectBusy() {
  const clock = createHandClock();
  const refused = new Set<number>();
  const newest = { Metadata: 10, DescribeConfigs: 4, DescribeLogDirs: 4 };
  const links = linksTo(newest, async (_action, _io, { key }) => {
    if (key === metadataV10.api.key) return metadata;
    if (refused.has(key)) throw new AppError('broker-refused', 'CLUSTER_AUTHORIZATION_FAILED');
    if (key === describeConfigsV4.api.key) return configs;
    if (key === describeLogDirsV4.api.key) return logDirs;
    throw new AppError('broker-refused', 'not asked in this test');
  });
  const governor = createReadGovernor({ clock });
  const inspector = createInspector({ name: 'lab', config, links, clock, governor });
  return {
    clock,
    inspector,
    refuseConfigs: () => refused.add(describeConfigsV4.api.key),
    /** @returns what the snapshot contains while the broker is still busy */
    async busyAfter(seconds: number) {
      clock.advance(seconds);
      inspector.observe?.('1', { handlerIdleRatio: 0.1 });
      return (await inspector.snapshot(io())).kafka;
    },
  };
}

const settings = [
  { topic: 'orders', minInSyncReplicas: 2, ownMaxMessageBytes: 65_536, ownCodec: 'zstd', isTiered: true },
  // Has the codec of its broker.
  { topic: 'audit' },
];
const directories = [{ broker: '1', path: '/kafka', totalBytes: 100n, usableBytes: 4n }];

test('topic settings are read even while a broker is busy, because cluster-wide alerts need them', async () => {
  const { busyAfter } = inspectBusy();
  expect((await busyAfter(0))?.topicConfigs).toEqual(settings);
  expect((await busyAfter(hour))?.topicConfigs).toEqual(settings);
});

test('topic settings that can no longer be read are kept for a day', async () => {
  const { busyAfter, refuseConfigs } = inspectBusy();
  await busyAfter(0);
  refuseConfigs();
  for (let hours = 1; hours <= 24; hours++) expect((await busyAfter(hour))?.topicConfigs).toEqual(settings);
  expect((await busyAfter(hour))?.topicConfigs).toEqual([]);
});

test('log directories of a busy broker are kept for an hour', async () => {
  const { busyAfter, inspector } = inspectBusy();
  expect((await inspector.snapshot(io())).kafka?.logDirectories).toEqual(directories);
  for (let minutes = 10; minutes <= 60; minutes += 10) {
    expect((await busyAfter(600))?.logDirectories).toEqual(directories);
  }
  expect((await busyAfter(600))?.logDirectories).toEqual([]);
});

test('reads free space each time for a caller that needs it, without the sizes of all replicas', async () => {
  const requested: unknown[] = [];
  let usableBytes = 50n;
  const links = linksTo({ Metadata: 10, DescribeLogDirs: 4 }, async (_action, _io, { key }, topics) => {
    if (key === metadataV10.api.key) return metadata;
    if (key !== describeLogDirsV4.api.key) throw new AppError('broker-refused', 'not asked in this test');
    requested.push(topics);
    return { errorCode: 0, results: logDirs.results.map((each) => ({ ...each, usableBytes })) };
  });
  const clock = createHandClock();
  const inspector = createInspector({ name: 'lab', config, links, clock, governor: createReadGovernor({ clock }) });
  const readUse = async (disks: boolean) =>
    usedDiskRatio('1', await inspector.snapshot(io(), { topics: ['orders'], disks }));
  expect(await readUse(true)).toBe(0.5);
  usableBytes = 4n;
  expect(await readUse(true)).toBe(0.96);
  expect(await readUse(false)).toBeUndefined();
  expect(requested).toEqual([[], []]);
});

test('free space that a broker does not report delays no snapshot of a run, and costs it no other section', async () => {
  const links = linksTo({ Metadata: 10, DescribeLogDirs: 4, ListGroups: 4 }, async (_action, { signal }, { key }) => {
    if (key === metadataV10.api.key) return metadata;
    if (key === listGroupsV4.api.key) return sleep(100, { groups: [] });
    return sleep(10_000, undefined, { signal });
  });
  const clock = createHandClock();
  const inspector = createInspector({ name: 'lab', config, links, clock, governor: createReadGovernor({ clock }) });
  const began = performance.now();
  const snapshot = await inspector.snapshot(io(), { topics: ['orders'], disks: true });
  expect(performance.now() - began).toBeLessThan(800);
  expect(usedDiskRatio('1', snapshot)).toBeUndefined();
  const kinds = snapshot.sections.map(({ section, kind }) => `${section} ${kind}`);
  expect(kinds.toSorted()).toEqual([
    'commits fresh',
    'groups fresh',
    'log-dirs missing',
    'metadata fresh',
    'offsets fresh',
  ]);
});

test.each([
  [
    'of Kafka before 3.3 without its free space',
    3,
    { errorCode: 0, results: [{ ...logDirs.results[0], totalBytes: undefined, usableBytes: undefined }] },
    undefined,
  ],
  ['that Kafka before 3.0 shows to nobody', 2, { errorCode: 0, results: [] }, undefined],
  ['that may not be read', 4, { errorCode: 31, results: [] }, undefined],
  [
    'offline',
    4,
    { errorCode: 0, results: [{ ...logDirs.results[0], errorCode: 56, totalBytes: -1n, usableBytes: -1n }] },
    undefined,
  ],
  [
    'beside a fuller one',
    4,
    { errorCode: 0, results: [{ ...logDirs.results[0], usableBytes: 80n }, ...logDirs.results] },
    0.96,
  ],
] as const)('the use of a log directory %s', async (_, version, response, used) => {
  const links = linksTo({ Metadata: 10, DescribeLogDirs: version }, async (_action, _io, { key }) => {
    if (key === metadataV10.api.key) return metadata;
    if (key === describeLogDirsV4.api.key) return response;
    throw new AppError('broker-refused', 'not asked in this test');
  });
  const clock = createHandClock();
  const inspector = createInspector({ name: 'lab', config, links, clock, governor: createReadGovernor({ clock }) });
  expect(usedDiskRatio('1', await inspector.snapshot(io(), { topics: ['orders'], disks: true }))).toBe(used);
});

/** Limits each part to a tenth of its normal time. */
async function snapshotInTenth(links: Links, options?: { allCommits: boolean }) {
  const clock = createHandClock();
  const governor = createReadGovernor({ clock });
  const inspector = createInspector({ name: 'lab', config, links, clock, governor, ...options });
  const within = io();
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => timeout(milliseconds / 10));
  const snapshot = await inspector.snapshot(within);
  spy.mockRestore();
  return snapshot;
}

test('topic settings have twice the time of other parts, because many topics need several requests', async () => {
  const links = linksTo({ Metadata: 10, DescribeConfigs: 4 }, async (_action, { signal }, { key }) => {
    if (key === metadataV10.api.key) return metadata;
    if (key !== describeConfigsV4.api.key) throw new AppError('broker-refused', 'not asked in this test');
    await sleep(400, undefined, { signal });
    return configs;
  });
  expect((await snapshotInTenth(links)).kafka?.topicConfigs).toEqual(settings);
});

test('an unregistered broker is known from the replicas it holds, if any topic is visible', async () => {
  const holdersOf = async (topics: readonly object[]) => {
    const links = linksTo({ Metadata: 10 }, async (_action, _io, { key }) => {
      if (key !== metadataV10.api.key) throw new AppError('broker-refused', 'not asked in this test');
      return { ...metadata, topics };
    });
    return (await snapshotInTenth(links)).kafka?.replicaHolders;
  };
  const partitions = [
    { errorCode: 5, partitionIndex: 0, leaderId: -1, replicaNodes: [1, 2], isrNodes: [2] },
    { errorCode: 5, partitionIndex: 1, leaderId: -1, replicaNodes: [2, 3], isrNodes: [3] },
  ];
  const [topic] = metadata.topics;
  expect(await holdersOf([{ ...topic, partitions }])).toEqual(['1', '2', '3']);
  expect(await holdersOf([])).toBeUndefined();
});

/** A Kafka 2.8 broker with two groups, where reading the second group's commits takes longer than a scrape may. */
async function commitsOfSlow(options?: { allCommits: boolean }) {
  const names = ['billing', 'shipping'];
  const newest = { Metadata: 10, ListGroups: 4, DescribeGroups: 5, OffsetFetch: 7 };
  const links = linksTo(newest, async (_action, { signal }, { key }, request) => {
    if (key === metadataV10.api.key) return metadata;
    if (key === listGroupsV4.api.key) {
      return { groups: names.map((groupId) => ({ groupId, groupState: 'Empty', protocolType: 'consumer' })) };
    }
    if (key === describeGroupsV5.api.key) return { groups: [] };
    if (key !== offsetFetchV7.api.key) throw new AppError('broker-refused', 'not asked in this test');
    if ((request as [{ groupId: string }])[0].groupId === 'shipping') await sleep(400, undefined, { signal });
    return { errorCode: 0, topics: [] };
  });
  const { sections } = await snapshotInTenth(links, options);
  return sections.find(({ section }) => section === 'commits');
}

test('a decision about a change waits for slow commits that a scrape reports as not read', async () => {
  const reason = expect.stringContaining('commits of groups not read in time (1)') as string;
  expect(await commitsOfSlow()).toMatchObject({ kind: 'fresh', refused: 1, reason });
  const whole = await commitsOfSlow({ allCommits: true });
  expect([whole?.kind, whole?.refused]).toEqual(['fresh', undefined]);
});
