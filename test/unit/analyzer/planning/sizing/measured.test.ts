import { expect, test } from 'vitest';
import { DomainsFile } from '../../../../../analyzer/planning/domains/domains-file.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import {
  fromVerdict,
  type MeasuredReading,
  type MeasuredVerdict,
} from '../../../../../analyzer/planning/sizing/measured.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun } from '../../../../support/load-test-run.ts';
import { policyWith } from '../../../../support/sized.ts';

const run = plainRun();

function measuredRatio(workload: Record<string, unknown>, stated: object = {}): number | undefined {
  const resume = { workload, keepTopic: false, ownTopics: [], clusterDigest: '' };
  const analysis = Analysis.parse(analyzeRun({ ...run, document: { ...run.document, resume } }, examplePolicy()));
  const { measurements } = DomainsFile.parse({
    measurements: [
      { broker: 'kafka', mode: 'kraft', replicas: 3, shape: 'middle', verdict: 'verdict.json', ...stated },
    ],
    domains: { orders: { demand: { peakTps: 1000, messageBytes: '500B', retention: '1d' } } },
  });
  const reading = fromVerdict(measurements[0]!, analysis, 'verdict.json', policyWith({}));
  return reading.kind === 'measured' ? reading.measured.compressionRatio : expect.fail(reading.reason.kind);
}

interface Tested {
  broker?: 'kafka' | 'rocketmq';
  brokers: readonly string[];
  workload?: Partial<LoadTestRun['document']['workload']>;
}

/** A measurement whose verdict is that of a load test of these brokers. */
function readingOf(
  { broker = 'kafka', brokers, workload = {} }: Tested,
  stated: object = {},
  more: Partial<MeasuredVerdict> = {},
): MeasuredReading {
  const environment = { hosts: [], brokers: brokers.map((id) => ({ id, address: `10.0.0.1:${id}` })) };
  const document = { ...run.document, broker, environment, workload: { messageBytes: 500, ...workload } };
  const analysis = Analysis.parse(analyzeRun({ ...run, document }, examplePolicy()));
  const setup = broker === 'kafka' ? { mode: 'kraft', replicas: 3 } : { mode: 'master-slave', replicas: 2 };
  const { measurements } = DomainsFile.parse({
    measurements: [{ broker, ...setup, shape: 'middle', verdict: 'verdict.json', ...stated }],
    domains: { orders: { demand: { peakTps: 1000, messageBytes: '500B', retention: '1d' } } },
  });
  return fromVerdict(measurements[0]!, { ...analysis, ...more }, 'verdict.json', policyWith({}));
}
const kafka: Tested = { brokers: ['1', '2', '3'], workload: { groups: 0, replicationFactor: 3 } };
const rocketmq: Tested = {
  broker: 'rocketmq',
  brokers: ['broker-a:0', 'broker-a:1', 'broker-b:0', 'broker-b:1'],
  workload: { groups: 2, replicationFactor: 3 },
};

test('brokers and groups of a measurement are those of its load test', () => {
  const three = { kind: 'measured', measured: { masters: 3, consumerGroups: 0 } };
  expect(readingOf(kafka)).toMatchObject(three);
  expect(readingOf(kafka, { masters: 3, consumerGroups: 0 })).toMatchObject(three);
  expect(readingOf(rocketmq)).toMatchObject({ kind: 'measured', measured: { masters: 2, consumerGroups: 2 } });
});

test.each([
  ['masters', 4, 3, kafka],
  ['replicas', 2, 3, kafka],
  ['consumerGroups', 1, 0, kafka],
  ['masters', 4, 2, rocketmq],
  ['replicas', 3, 2, rocketmq],
])('a measurement that states %s %d, where the load test had %d, is not used', (setting, stated, measured, tested) => {
  const reason = { kind: 'contradicted', of: 'verdict.json', setting, stated, measured };
  expect(readingOf(tested, { [setting]: stated })).toEqual({ kind: 'unusable', reason });
});

test('a measurement of a part of its cluster is used, and says so', () => {
  expect(readingOf(rocketmq, { masters: 1 })).toMatchObject({
    kind: 'measured',
    measured: {
      masters: 1,
      assumptions: expect.arrayContaining([{ kind: 'part-of-cluster', source: 'verdict.json', masters: 1, shown: 2 }]),
    },
  });
});

test('a redline of one broker has the rates of all of its cluster', () => {
  const redline = { ledTps: { 1: 2000, 2: 1000, 3: 0 } };
  const perBroker = [{ broker: '1' }];
  const of = (stated: object) => readingOf(kafka, stated, { redline, perBroker });
  expect(of({})).toMatchObject({ kind: 'measured', measured: { masters: 3 } });
  expect(of({ masters: 1 })).toMatchObject({ kind: 'unusable', reason: { setting: 'masters', measured: 3 } });
});

test('of a verdict without brokers, such as of another tool, the number has to be stated', () => {
  expect(readingOf({ brokers: [] })).toEqual({
    kind: 'unusable',
    reason: { kind: 'masters-unknown', of: 'verdict.json' },
  });
  const measured = { masters: 3, consumerGroups: 1 };
  expect(readingOf({ brokers: [] }, { masters: 3 })).toMatchObject({ kind: 'measured', measured });
});

test('a measurement has the compression of its run, or else the stated one', () => {
  expect(measuredRatio({ compression: 'lz4', compressionRatio: 3 })).toBe(3);
  expect(measuredRatio({ compression: 'lz4', compressionRatio: 3 }, { compressionRatio: 2 })).toBe(3);
  // Without a ratio the load generator sends random bytes.
  expect(measuredRatio({ compression: 'lz4' })).toBeUndefined();
  expect(measuredRatio({ compression: 'none', compressionRatio: 3 }, { compressionRatio: 2 })).toBe(2);
});
