import { expect, test } from 'vitest';
import { checkVersionFit, misfits, producerOptionsOf } from '../../../../../loadgen/plan/workload/broker-fit.ts';
import { completeWorkload, WorkloadFile } from '../../../../../loadgen/plan/workload.ts';

const workloadOf = (written: object) =>
  completeWorkload(
    WorkloadFile.parse({ messageSize: '1KiB', profile: { kind: 'constant', rate: 1, duration: '1s' }, ...written }),
    {},
  );

test('accepts options that both brokers support', () => {
  const workload = workloadOf({ ordered: true, keys: { kind: 'uniform', distinct: 10 }, acks: 'leader', groups: 3 });
  expect([misfits(workload, 'kafka'), misfits(workload, 'rocketmq')]).toEqual([[], []]);
});

test.each([
  [{ idempotent: true, acks: 'leader' }, /^idempotent: Kafka needs acks all/],
  [{ transactions: {}, acks: 'none' }, /^transactions: Kafka needs acks all/],
  [{ transactions: { leftToCheck: '10%' } }, /^transactions.leftToCheck: /],
  [{ compression: 'zlib' }, /^compression: Kafka has/],
  [{ requests: 'single' }, /^requests: Kafka accepts record batches only/],
  [{ tag: 'red' }, /^tag: Kafka has no tags/],
  [{ delay: { level: 3 } }, /^delay: Kafka delivers at once/],
  [{ groups: [{ mode: 'pull' }] }, /^groups: mode pull is for RocketMQ only/],
  [{ compressionRatio: 2 }, /^compressionRatio: needs a codec/],
  [{ ledger: false, thresholds: { lost: 0 } }, /^thresholds.lost: needs the delivery check/],
])('Kafka refuses %j', (written, words) => {
  const problems = misfits(workloadOf(written), 'kafka');
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(words);
});

test.each([
  [{ idempotent: true }, /^idempotent: RocketMQ stores/],
  [{ compression: 'lz4' }, /^compression: RocketMQ clients/],
  [{ transactions: { duration: '1s' } }, /^transactions.duration: /],
  [{ transactions: {}, delay: { level: 3 } }, /^delay: RocketMQ does not delay/],
  [{ transactions: {}, acks: 'none' }, /^transactions: half messages need acknowledgements/],
  [{ transactions: {}, ordered: true }, /^ordered: /],
  [{ delay: { after: '30s' }, requests: 'batch' }, /^requests: with delay RocketMQ/],
  [{ compression: 'zlib', requests: 'batch' }, /^requests: with compression RocketMQ/],
  [{ groups: [{ readCommitted: true }] }, /^groups: readCommitted is for Kafka only/],
])('RocketMQ refuses %j', (written, words) => {
  const problems = misfits(workloadOf(written), 'rocketmq');
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(words);
});

test('a driver gets only the requested options', () => {
  expect(producerOptionsOf(workloadOf({}), 'kafka', 'tx-1')).toEqual({ acks: 'all' });
  expect(producerOptionsOf(workloadOf({ transactions: {}, compression: 'zstd' }), 'kafka', 'tx-1')).toEqual({
    acks: 'all',
    compression: 'zstd',
    transactions: { id: 'tx-1', duration: 0.1 },
  });
});

test('with a delay, each RocketMQ message is a separate request', () => {
  const options = producerOptionsOf(workloadOf({ delay: { level: 1 }, compression: 'zlib' }), 'rocketmq', 'tx-1');
  expect(options).toEqual({ acks: 'all', compression: 'gzip', requests: 'single' });
});

test('a timer is refused in advance if no broker supports it, while a delay level is always accepted', () => {
  const check = (delay: object, version: string | undefined) => () => checkVersionFit(workloadOf({ delay }), version);
  expect(check({ after: '30s' }, '4.9.7')).toThrow('delay: no broker is newer than 4.9.7, which has no timers');
  for (const version of ['5.3.3', undefined]) expect(check({ after: '30s' }, version)).not.toThrow();
  expect(check({ level: 3 }, '4.9.7')).not.toThrow();
});
