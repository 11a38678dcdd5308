// Feeds the cluster records of real runs: three Kafka 4.3.1 brokers, of which broker 2 was killed after 44 s, and two RocketMQ
// 5.3.3 masters.

import { expect, test } from 'vitest';
import { TelemetryFold } from '../../../../analyzer/evidence/importers/telemetry.ts';
import { lostBrokersOf } from '../../../../analyzer/evidence/lost-brokers.ts';
import { analyzeRun } from '../../../../analyzer/verdict/analyze-run.ts';
import { defined } from '../../../../core/defined.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { recordedRun, threeBrokers } from '../../../support/go-case.ts';

const [all, left] = [
  { '1': 2, '2': 2, '3': 2 },
  { '1': 3, '3': 3 },
];
type Reading = [elapsedSeconds: number, underReplicatedPartitions: number | undefined, leaders: Record<string, number>];
const killed: Reading[] = [
  [43.6, 0, all],
  [44.4, 0, all],
  [47, 6, left],
  [50.4, 6, left],
  [60.8, 6, left],
];

/** Sends are late in the third step, while the senders wait for the lost broker. */
function runWith(readings: readonly Reading[]) {
  const run = recordedRun({ ...threeBrokers, carried: (rate) => (rate === 1200 ? 0.8 : 1) });
  const fold = new TelemetryFold('telemetry.ndjson', run.document.environment);
  for (const [index, [elapsedSeconds, underReplicatedPartitions, leaders]] of readings.entries()) {
    const record = { kind: 'cluster', cluster: 'lab', elapsedSeconds, scrapeSeconds: 0.1 } as const;
    fold.add(index, { ...record, groups: [], ...defined({ underReplicatedPartitions }), leaders });
  }
  const { brokers, underReplicated } = fold.finish();
  const steps = run.steps.map((step) =>
    step.targetTps === 1200 ? { ...step, sendDelaySeconds: { p50: 1.2, p99: 6.75, p999: 8, max: 9 } } : step,
  );
  return { ...run, steps, ...(brokers && { brokers }), underReplicated };
}
const analysed = (readings: readonly Reading[]) => {
  const { steps, findings } = analyzeRun(runWith(readings), examplePolicy());
  const verdict = steps.find(({ targetTps }) => targetTps === 1200)?.verdict;
  return { verdict, lost: findings.find(({ code }) => code === 'broker-lost')?.message };
};

test('a step that missed its rate while a broker was lost shows no limit of the load generator', () => {
  expect(lostBrokersOf(runWith(killed))).toEqual([{ broker: '2', from: 44.4, to: 60.8 }]);
  const { verdict, lost } = analysed(killed);
  expect(verdict).toEqual({ kind: 'invalid', reason: 'broker-lost' });
  expect(lost).toContain('During the test broker 2 was lost from 44.4 s to 60.8 s.');
  expect(analysed(killed.slice(0, 2))).toMatchObject({ verdict: { kind: 'invalid', reason: 'generator-limited' } });
});

test('a broker whose leaders were moved, without missing copies, is not lost', () => {
  expect(lostBrokersOf(runWith(killed.map(([at, , leaders]) => [at, 0, leaders])))).toEqual([]);
});

test('a broker that does not respond, so that the copies are unknown, is not lost', () => {
  const silent = killed.map(([at, partitions, leaders]): Reading => [at, partitions === 0 ? 0 : undefined, leaders]);
  expect(lostBrokersOf(runWith(silent))).toEqual([]);
});

test('a broker that led nothing from the start is not lost', () => {
  expect(lostBrokersOf(runWith(killed.map(([at, partitions]) => [at, partitions, left])))).toEqual([]);
});

const bothMasters = ['broker-a:0', 'broker-b:0'];

/** Of two RocketMQ 5.3.3 masters, broker-b was killed after 43.4 s: the remaining queues have all their copies. */
function withoutMaster(replicas: readonly string[], missingAt: readonly number[] = [44.2, 60.8]) {
  const run = recordedRun({ ...threeBrokers, carried: (rate) => (rate === 1200 ? 0.8 : 1) });
  const fold = new TelemetryFold('telemetry.ndjson', run.document.environment);
  const placement = replicas.map((id) => ({ leader: id, replicas: [id], partitions: 6 }));
  for (const elapsedSeconds of [0.4, 1.2, 2, 43.4, 44.2, 60.8, 300, 301]) {
    const isMissing = missingAt.includes(elapsedSeconds);
    const record = { kind: 'cluster', cluster: 'lab', elapsedSeconds, scrapeSeconds: 0.1 } as const;
    const leaders = { 'broker-a:0': 6, ...(!isMissing && { 'broker-b:0': 6 }) };
    const missing = isMissing && { missingBrokers: ['broker-b:0'] };
    fold.add(1, { ...record, groups: [], underReplicatedPartitions: 0, leaders, placement, ...missing });
  }
  return { ...run, ...fold.finish() };
}

test('a RocketMQ master that the name servers dropped is lost, although no copy of the other queues is missing', () => {
  const run = withoutMaster(bothMasters);
  expect(lostBrokersOf(run)).toEqual([{ broker: 'broker-b:0', from: 43.4, to: 60.8 }]);
  const step = analyzeRun(run, examplePolicy()).steps.find(({ targetTps }) => targetTps === 1200);
  expect(step?.verdict).toEqual({ kind: 'invalid', reason: 'broker-lost' });
});

test('the loss of a broker without a replica of the topics of the run explains nothing', () => {
  expect(lostBrokersOf(withoutMaster(['broker-a:0']))).toEqual([]);
});

test('a step while a broker was back between two losses is judged as usual', () => {
  const run = withoutMaster(bothMasters, [1.2, 301]);
  expect(lostBrokersOf(run)).toEqual([{ broker: 'broker-b:0', from: 0.4, to: 301 }]);
  const step = analyzeRun(run, examplePolicy()).steps.find(({ targetTps }) => targetTps === 1200);
  expect(step?.verdict).not.toEqual({ kind: 'invalid', reason: 'broker-lost' });
});
