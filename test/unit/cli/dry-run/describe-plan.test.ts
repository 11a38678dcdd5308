import { expect, test } from 'vitest';
import { describePlan } from '../../../../cli/dry-run/describe-plan.ts';
import { planDocument } from '../../../../app/load-test/plan-document.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { GuardConfig } from '../../../../loadgen/guard/config.ts';
import { createPlan } from '../../../../loadgen/plan/plan.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';

const planOf = (written: object, broker: 'kafka' | 'rocketmq' = 'kafka') =>
  createPlan({
    id: 'r1',
    directory: 'runs/r1',
    cluster: { name: 'lab', broker, config: {} },
    workload: completeWorkload(
      WorkloadFile.parse({
        messageSize: '1KiB',
        profile: { kind: 'constant', rate: 1000, duration: '50s' },
        ...written,
      }),
      {},
    ),
    keepTopic: false,
    policy: examplePolicy(),
  });
const guard = GuardConfig.parse({
  p99: '200ms',
  lagMessages: 1000,
  rules: [
    { page: 'http://mq-1:9100/metrics', metric: 'node_memory_MemAvailable_bytes', below: 1e9 },
    {
      prometheus: 'http://mq-1:9090',
      query: 'max(lock_seconds)',
      name: 'lock',
      above: 0.5,
      authorization: { bearerToken: '${env:TOKEN}' },
    },
  ],
});
const look = {
  columns: 80,
  isPlain: true,
  allowance: 'allowed on this cluster',
  guard,
  shortSteps: [],
  notMonitored: [],
};
const linesOf = (written: object, broker?: 'kafka' | 'rocketmq') =>
  describePlan(planOf(written, broker), undefined, { ...look, columns: 60 })
    .split('\n')
    .filter((line) => !/[|+]/.test(line));
const section = (label: string, lines: readonly string[]) => {
  const from = lines.findIndex((line) => line.startsWith(label));
  const length = lines.slice(from + 1).findIndex((line) => !line.startsWith(' '));
  return lines.slice(from, from + 1 + length).map((line) => line.slice(12));
};

test('shows messages and bytes, in all copies and on disk', () => {
  const lines = linesOf({ replicationFactor: 2, keys: { kind: 'uniform', distinct: 500 } });
  expect(section('messages', lines)).toEqual([
    '60,000 of 1024 bytes: 62.4 MB before replication, in 60 s, 500 keys of 16 bytes',
  ]);
  expect(section('bytes', lines)).toEqual([
    // 1,110 bytes each, in a batch of one: 1,040 of key and value, 9 of the record, 61 of the batch.
    'up to 133 MB written in 2 copies, at most 133 MB on disk at a time; 1.04 MB/s at the peak',
  ]);
});

test("the bytes on disk are limited by the retention of the run's topics", () => {
  const soak = { profile: { kind: 'soak', rate: 1000, duration: '1d' }, topics: 2, replicationFactor: 1 };
  expect(section('bytes', linesOf(soak))).toEqual([
    // 1 GiB of each topic, and 6 min of 1.09 MB/s until the brokers have deleted what is older.
    'up to 94.5 GB written in 1 copy, at most 2.54 GB on disk at a time; 1.02 MB/s at the peak',
  ]);
  expect(section('bytes', linesOf(soak, 'rocketmq'))[0]).toContain('for as long as the brokers keep messages');
});

test('for RocketMQ, shows the bytes of one copy with their records, and stores delayed messages twice', () => {
  const load = { messageSize: '500B', warmUp: '0s', profile: { kind: 'constant', rate: 1000, duration: '310s' } };
  const lines = linesOf(load, 'rocketmq');
  const kept = 'in each copy (copies: as the brokers are set), on disk for as long as the brokers keep messages';
  // 825 bytes each: 705 of the record, 40 of consume queue and index, 80 of DLedger.
  expect(section('bytes', lines)).toEqual([`up to 256 MB ${kept}; 500 kB/s at the peak`]);
  expect(section('topics', lines)[1]).toContain('12 partitions, copies: as the brokers are set');
  expect(section('bytes', linesOf({ ...load, delay: { level: 3 } }, 'rocketmq'))[0]).toContain(`up to 540 MB ${kept}`);
  const { topics, replicatedBytes, copyBytes } = planDocument(planOf(load, 'rocketmq'), guard);
  expect([topics[0]?.replicationFactor, replicatedBytes, copyBytes]).toEqual([undefined, undefined, 310_000 * 825]);
});

test('lists the limits at which the guard stops the load', () => {
  expect(section('guard', linesOf({}))).toEqual([
    'stops the load unless: free disk >= 5%, p99 <= 200 ms, lag <= 1000, node_memory_MemAvailable_bytes >= 1000000000, lock <= 0.5',
  ]);
  // The broker itself deletes messages when less is free.
  expect(section('guard', linesOf({}, 'rocketmq'))[0]).toContain('free disk >= 15%, p99');
  expect(planDocument(planOf({}), guard).guard).toEqual({
    freeDiskShare: 0.05,
    p99Seconds: 0.2,
    lagMessages: 1000,
    rules: [
      { name: 'node_memory_MemAvailable_bytes', below: 1e9 },
      { name: 'lock', above: 0.5 },
    ],
  });
});

test('a search is bounded by its highest rate, and an unknown rate is stated', () => {
  const search = (highest: object) =>
    section('bytes', linesOf({ profile: { kind: 'find-safe', ...highest }, replicationFactor: 1 }));
  expect(search({ highest: 10_000 })).toEqual(['at most 5.01 GB on disk at a time']);
  expect(search({})).toEqual(['1.07 GB on disk, and what arrives until the brokers delete the rest (up to 6 min)']);
});

test('lists topics and groups, and abbreviates a thousand topics to the first and last', () => {
  const lines = linesOf({
    topic: 'orders',
    topics: 1000,
    groups: [{ name: 'slow', members: 2, processing: '2ms', stopped: [{ from: '5s', to: '15s' }], commits: 'never' }],
  });
  expect(section('topics', lines)).toEqual(
    [
      ...[1, 2, 3, 4, 5, 6, 7].map((n) => `orders-${n}`),
      '… 992 more',
      'orders-1000',
      'each 12 partitions if it does not exist yet, 3 copies or one per broker, deleted afterwards if this run created it',
    ].map((line) => line.replace('…', '...')),
  );
  // Counted with the warm-up of 10 s.
  expect(section('groups', lines)).toEqual([
    'plimsoll-r1-slow: 2 members, 2 ms a message, commits never, stopped from 15 s to 25 s, one of each topic',
  ]);
});

test('a search shows its bounds and the limits that a rate must keep', () => {
  const lines = linesOf({
    criteria: { p99: '50ms' },
    profile: { kind: 'find-max', start: 2000, highest: 50_000 },
  });
  expect(section('bounds', lines)).toEqual(['from 2,000 msg/s, to 50,000 msg/s at most']);
  expect(section('trials', lines)[0]).toContain('to a width of 5%');
  expect(section('time', lines)[0]).toMatch(/^at most /);
  expect(section('checks', lines)[2]).toMatch(/^a rate passes with: .*p99 <= 50 ms/);
  expect(lines[0]).toMatch(/^load /);
});

test('a search names each limit once, with the hosts it applies to', () => {
  const checks = section('checks', linesOf({ profile: { kind: 'find-safe', start: 2000 } }));
  expect(checks[2]).toMatch(/; mean use of each broker host: cpu <= \d+%, disk-io <= .*network-out <= \d+%$/);
  expect(checks[2]?.match(/cpu/g)).toHaveLength(1);
  expect(checks[3]).toMatch(
    /^a rate fails only while the load generator and its host keep: send delay p99 <= 20 ms, cpu <= \d+%/,
  );
});

test('shows thresholds with operator and unit', () => {
  const lines = linesOf({ thresholds: { p99: '50ms', achieved: '99%', acknowledged: 900, lost: 0, errors: 0.001 } });
  expect(section('checks', lines)[2]).toBe(
    'thresholds, or exit code 6: p99 <= 50 ms, errors <= 0.1%, achieved >= 99%, acknowledged >= 900 msg/s, lost <= 0',
  );
});

test('the plain page contains only characters of plain terminals', () => {
  const page = describePlan(planOf({ topics: 20, thresholds: { p99: '1s' } }), 'lab-ns', look);
  expect(page).toMatch(/^[\n -~]*$/);
});

test('the JSON document omits unknown values', () => {
  const text = JSON.stringify(planDocument(planOf({ profile: { kind: 'closed-loop', threads: [1, 2] } }), guard));
  const document = JSON.parse(text) as Record<string, unknown>;
  expect(document).not.toHaveProperty('messages');
  expect(document).toMatchObject({
    schemaVersion: 1,
    run: { id: 'r1', status: 'planned' },
    topics: [{ name: 'plimsoll-r1', partitions: 12 }],
    messageBytes: { mean: 1024 },
    steps: [{ lanes: 1 }, { lanes: 2 }],
    checks: { ledger: true },
  });
});
