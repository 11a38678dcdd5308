// Lists short workloads that cover every option of a workload file.

import type { RocketmqMode } from '../../lab/rocketmq/mode.ts';

/** A workload by the keys of a workload file. */
export type WorkloadWords = Readonly<Record<string, unknown>>;

const common = { messageSize: '300B', partitions: 6, warmUp: '1s', groups: 1 };
const criteria = {
  // Lenient, because the machine is busy with other tests: only searches have to end.
  p99: '30s',
  achieved: '50%',
  generatorLag: '10s',
  hosts: { cpu: '100%', 'network-in': '100%', 'network-out': '100%', 'disk-io': '100%' },
};

/** Every profile, including searches. */
export const profileWorkloads: Readonly<Record<string, WorkloadWords>> = {
  constant: { ...common, profile: { kind: 'constant', rate: 300, duration: '5s' } },
  steps: { ...common, profile: { kind: 'steps', rates: [100, 200, 400], stepDuration: '2s' } },
  ramp: { ...common, profile: { kind: 'ramp', from: 50, to: 400, duration: '6s', step: '2s' } },
  spike: {
    ...common,
    profile: { kind: 'spike', base: 50, peak: 600, before: '2s', rise: '1s', hold: '2s', after: '2s' },
  },
  soak: { ...common, profile: { kind: 'soak', rate: 200, duration: '6s', window: '2s' } },
  diurnal: { ...common, profile: { kind: 'diurnal', low: 0, high: 400, period: '4s', periods: 2 } },
  replay: {
    ...common,
    profile: {
      kind: 'replay',
      speed: 2,
      factor: 2,
      points: [
        { time: 0, rate: 50 },
        { time: 6, rate: 150 },
        { time: 7, rate: 0 },
        { time: 12, rate: 100 },
      ],
    },
  },
  'closed-loop': {
    ...common,
    workers: 2,
    profile: { kind: 'closed-loop', producers: 2, threads: [1, 3], stepDuration: '2s' },
  },
  'backlog-and-drain': {
    ...common,
    groups: [{ from: 'start' }],
    profile: { kind: 'backlog-and-drain', rate: 300, backlog: '4s', drainRate: 100, drain: '6s' },
  },
  'find-safe': {
    ...common,
    criteria,
    profile: { kind: 'find-safe', start: 200, highest: 240, trial: '2s', soak: '3s', settle: '1s' },
  },
  'find-max': {
    ...common,
    criteria,
    profile: { kind: 'find-max', start: 200, highest: 300, trial: '2s', confirm: '3s', settle: '1s', width: '20%' },
  },
};

const load = { kind: 'constant', rate: 300, duration: '5s' };
const zipf = { kind: 'zipf', distinct: 500, exponent: 1 };
const mixedSizes = [
  { size: '100B', weight: 80 },
  { size: '2KiB', weight: 18 },
  { size: '20KiB', weight: 2 },
];
const everyGroup = {
  members: { ...common, topics: 3, groups: [{ members: 3 }, { name: 'second', members: 2 }], profile: load },
  'slow and stopped groups': {
    ...common,
    groups: [
      { name: 'slow', members: 2, processing: '1ms' },
      { name: 'stopped', stopped: [{ from: '1s', to: '3s' }] },
      { name: 'each-batch', commits: 'each-batch' },
    ],
    profile: { ...load, duration: '7s' },
  },
  'three workers': { ...common, workers: 3, messageSize: mixedSizes, keys: zipf, profile: load },
  'one acknowledgement': { ...common, acks: 'leader', profile: load },
};

export const kafkaOptions: Readonly<Record<string, WorkloadWords>> = {
  ...everyGroup,
  ...Object.fromEntries(
    ['gzip', 'snappy', 'lz4', 'zstd'].map((compression) => [
      compression,
      { ...common, messageSize: mixedSizes, keys: zipf, compression, compressionRatio: 2, profile: load },
    ]),
  ),
  idempotent: { ...common, idempotent: true, keys: { kind: 'uniform', distinct: 100 }, profile: load },
  ordered: { ...common, ordered: true, keys: { kind: 'round-robin', distinct: 40 }, profile: load },
  transactions: {
    ...common,
    workers: 2,
    transactions: { duration: '200ms' },
    groups: [{ readCommitted: true }],
    profile: load,
  },
};

const ofRocketmq: Readonly<Record<string, WorkloadWords>> = {
  ...everyGroup,
  'keys and zlib': { ...common, keys: zipf, compression: 'zlib', compressionRatio: 2, profile: load },
  single: { ...common, requests: 'single', profile: load },
  ordered: { ...common, ordered: true, keys: { kind: 'round-robin', distinct: 40 }, profile: load },
  'tag and pull': { ...common, tag: 'reminder', groups: [{ mode: 'pull' }, { mode: 'push' }], profile: load },
  'a delay level': { ...common, delay: { level: 2 }, profile: load },
};

const ofRocketmq5: Readonly<Record<string, WorkloadWords>> = {
  timer: { ...common, delay: { after: '3s' }, profile: load },
};

/**
 * With DLedger, a commit stores a message and blocks one of about twelve threads until a majority has it: three nodes on two cores
 * committed 200 of 600 a second (5.3.3), and rejected requests that waited 3 s (waitTimeMillsInTransactionQueue).
 */
const slowly = { kind: 'constant', rate: 75, duration: '12s' };

/** Covers each of the broker's other features at least once, with checked transactions. */
export function rocketmqOptions(version: string, mode: RocketmqMode): Readonly<Record<string, WorkloadWords>> {
  const profile = mode === 'dledger' ? slowly : load;
  return {
    ...ofRocketmq,
    transactions: { ...common, transactions: {}, profile },
    ...(version.startsWith('4.') ? {} : ofRocketmq5),
    // By default, brokers check a transaction 6 s after its start, and scan each 30 or 60 s.
    'asked for': { ...common, transactions: { leftToCheck: '2%' }, profile },
  };
}

export const kafkaClusters = [
  { version: '2.8.2', brokers: 1 },
  { version: '2.8.2', brokers: 3 },
  { version: '3.9.2', brokers: 1 },
  { version: '3.9.2', brokers: 3 },
  { version: '4.3.1', brokers: 1 },
  { version: '4.3.1', brokers: 3 },
] as const;

export const rocketmqModes = ['single', 'master-slave', 'dledger'] as const;
