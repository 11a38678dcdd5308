import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DomainsFile } from '../../../../../analyzer/planning/domains/domains-file.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import {
  fromStated,
  fromVerdict,
  type MeasuredReading,
  type MeasuredVerdict,
} from '../../../../../analyzer/planning/sizing/measured.ts';
import { groupCeilings, withGroups } from '../../../../../analyzer/verdict/limits/consumer-groups/ceiling.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { readDomains } from '../../../../../app/planning/read-domains.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, type PlainRun } from '../../../../support/load-test-run.ts';
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
  /** Changes to the run, which then has host metrics of the broker. */
  change?: Partial<PlainRun>;
  broker?: 'kafka' | 'rocketmq';
  brokers: readonly string[];
  workload?: Partial<LoadTestRun['document']['workload']>;
}

/** A measurement with the verdict of a load test of these brokers. */
function readingOf(
  { change, broker = 'kafka', brokers, workload = {} }: Tested,
  stated: object = {},
  more: Partial<MeasuredVerdict> = {},
): MeasuredReading {
  const host = change && { host: 'broker-1' };
  const environment = { hosts: [], brokers: brokers.map((id) => ({ id, address: `10.0.0.1:${id}`, ...host })) };
  const document = { ...run.document, broker, environment, workload: { messageBytes: 500, ...workload } };
  const analysis = Analysis.parse(analyzeRun({ ...plainRun(change), document }, examplePolicy()));
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

const one = { replicas: 1 };
const fullAt = (tps: number) => (rate: number) => Math.min(1, tps / rate);
const redlineOf = (broker: string): Partial<MeasuredVerdict> => ({
  redline: { ledTps: { [broker]: 1000 } },
  perBroker: [{ broker }],
});

test('a measurement has the brokers and groups of its load test', () => {
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
])('a measurement that states %s %d is rejected if the load test had %d', (setting, stated, measured, tested) => {
  const reason = { kind: 'contradicted', of: 'verdict.json', setting, stated, measured };
  expect(readingOf(tested, { [setting]: stated })).toEqual({ kind: 'unusable', reason });
});

test('a stated message size is used only if the verdict has none, and must not contradict it', () => {
  const imported = { run: { id: 'imported', broker: 'kafka', cluster: 'lab' } } as const;
  const sized = (messageBytes: number) => ({ kind: 'measured', measured: { messageBytes } });
  expect(readingOf(kafka, { messageBytes: '5000B' }, imported)).toMatchObject(sized(5000));
  expect(readingOf(kafka, { messageBytes: '510B' })).toMatchObject(sized(500));
  const reason = { kind: 'contradicted', of: 'verdict.json', setting: 'messageBytes', stated: 5000, measured: 500 };
  expect(readingOf(kafka, { messageBytes: '5000B' })).toEqual({ kind: 'unusable', reason });
});

test('a rate that was limited by a consumer group is no capacity of brokers', () => {
  const billing = { group: 'billing', tps: 3000, interval: { low: 2900, high: 3100, confidence: 0.95 }, episodes: 3 };
  const ceilings = groupCeilings([{ kind: 'measured', ...billing, share: 1 }]);
  const { safeMaxTps: whole } = analyzeRun(run, examplePolicy());
  const safeMaxTps = withGroups(whole, ceilings, { confidence: 0.95 });
  const reason = {
    kind: 'no-broker-limit',
    of: 'verdict.json',
    tps: 2900,
    limitedBy: { slo: 'consumer-lag', group: 'billing' },
  };
  expect(readingOf(kafka, {}, { safeMaxTps })).toEqual({ kind: 'unusable', reason });
  const limitedBy = { resource: 'connections', node: '1' } as const;
  const connections = {
    kind: 'predicted',
    tps: 900,
    estimateTps: 1000,
    interval: { low: 900, confidence: 0.95 },
    limitedBy,
  } as const;
  expect(readingOf(kafka, {}, { safeMaxTps: connections })).toMatchObject({ reason: { limitedBy } });
});

test('a measurement of a part of its cluster is used, with an assumption', () => {
  expect(readingOf(rocketmq, { masters: 1 })).toMatchObject({
    kind: 'measured',
    measured: {
      masters: 1,
      assumptions: expect.arrayContaining([{ kind: 'part-of-cluster', source: 'verdict.json', masters: 1, shown: 2 }]),
    },
  });
});

test('a load test with a broker down is not used as a measurement of the cluster, also when read from a file', async () => {
  const degraded = { lost: ['3'], waitedSeconds: 10, copies: 2 };
  const environment = { hosts: [], brokers: ['1', '2'].map((id) => ({ id, address: `10.0.0.1:${id}` })) };
  const analysis = analyzeRun({ ...run, document: { ...run.document, environment, degraded } }, examplePolicy());
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-degraded-'));
  const path = join(folder.path, 'domains.yaml');
  await writeFile(join(folder.path, 'verdict.json'), JSON.stringify(Analysis.parse(analysis)));
  await writeFile(
    path,
    `measurements: [{ broker: kafka, mode: kraft, replicas: 3, shape: 24c48g-10g, verdict: verdict.json }]
domains: { orders: { demand: { peakTps: 1000, messageBytes: 500B, retention: 1d } } }
`,
  );
  const options = { policy: examplePolicy(), signal: new AbortController().signal };
  const { readings } = await readDomains(path, { catalogue: 'examples/domains-catalogue.yaml', ...options });
  const reason = { kind: 'degraded', of: 'verdict.json', lost: ['3'] };
  expect(readings.map(({ reading }) => reading)).toEqual([{ kind: 'unusable', reason }]);
});

test('a verdict read from a file is the measurement that the same verdict is in memory', async () => {
  const environment = { hosts: [], brokers: [{ id: '1', address: '10.0.0.1:1', host: 'broker-1' }] };
  const workload = { ...run.document.workload, messageBytes: 500, replicationFactor: 1 };
  const document = { ...run.document, environment, workload };
  const change = { linkBytesPerSecond: 5e6, cores: 1 };
  const analysis = Analysis.parse(analyzeRun({ ...plainRun(change), document }, examplePolicy()));
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-verdict-'));
  const path = join(folder.path, 'domains.yaml');
  await writeFile(join(folder.path, 'verdict.json'), JSON.stringify(analysis));
  await writeFile(
    path,
    `measurements: [{ broker: kafka, mode: kraft, replicas: 1, shape: 24c48g-10g, verdict: verdict.json }]
domains: { orders: { demand: { peakTps: 1000, messageBytes: 500B, retention: 1d } } }
`,
  );
  const options = { policy: examplePolicy(), signal: new AbortController().signal };
  const { readings, policy } = await readDomains(path, { catalogue: 'examples/domains-catalogue.yaml', ...options });
  const [known = expect.fail('no measurement')] = readings;
  expect(known.reading).toEqual(fromVerdict(known.section, analysis, 'verdict.json', policy));
  expect(known.reading).toMatchObject({ measured: { requestUse: expect.any(Number) as number } });
});

test('a redline test of one broker counts for its whole cluster', () => {
  const redline = { ledTps: { 1: 2000, 2: 1000, 3: 0 } };
  const perBroker = [{ broker: '1' }];
  const of = (stated: object) => readingOf(kafka, stated, { redline, perBroker });
  expect(of({})).toMatchObject({ kind: 'measured', measured: { masters: 3 } });
  expect(of({ masters: 1 })).toMatchObject({ kind: 'unusable', reason: { setting: 'masters', measured: 3 } });
});

test('a verdict without brokers, such as from another tool, requires a stated number of masters', () => {
  expect(readingOf({ brokers: [] })).toEqual({
    kind: 'unusable',
    reason: { kind: 'masters-unknown', of: 'verdict.json' },
  });
  const measured = { masters: 3, consumerGroups: 1 };
  expect(readingOf({ brokers: [] }, { masters: 3 })).toMatchObject({ kind: 'measured', measured });
});

test.each([
  ['achieved at its limit', { linkBytesPerSecond: 2.71e6, carried: fullAt(4500) }, {}, 4500],
  ['tested if the limit is predicted above it', { linkBytesPerSecond: 3.4e6 }, {}, 5000],
  ['predicted within every limit of the policy', { linkBytesPerSecond: 5e6 }, {}, (0.8 * 5e6 - 1e4) / 600],
  [
    'predicted within the policy by a redline test, whose steps are of one broker',
    { linkBytesPerSecond: 3.4e6 },
    redlineOf('1'),
    4517,
  ],
])('a load test shows the highest rate that was %s', (_, change, more, tps) => {
  const reading = readingOf({ change, brokers: ['1'], workload: { groups: 0, replicationFactor: 1 } }, one, more);
  expect(reading).toMatchObject({
    kind: 'measured',
    measured: { resource: 'network-in', seenTps: expect.closeTo(tps, -1) as number },
  });
});

test('a stated safe rate is no evidence of the saturation rate', () => {
  const seenTps = (stated: object) => {
    const figure = { limitedBy: 'network-out', source: 'a web page', ...stated };
    const { measurements } = DomainsFile.parse({
      measurements: [{ broker: 'kafka', mode: 'kraft', ...one, shape: 'middle', messageBytes: '500B', stated: figure }],
      domains: { orders: { demand: { peakTps: 1000, messageBytes: '500B', retention: '1d' } } },
    });
    const reading = fromStated(measurements[0]!, policyWith({}));
    return reading.kind === 'measured' ? reading.measured.seenTps : expect.fail(reading.reason.kind);
  };
  expect(seenTps({ safeTps: 20_000 })).toBe(20_000);
  expect(seenTps({ safeTps: 20_000, saturationTps: 28_000 })).toBe(28_000);
});

test('a measurement has the compression ratio of its run, or else the stated ratio', () => {
  expect(measuredRatio({ compression: 'lz4', compressionRatio: 3 })).toBe(3);
  expect(measuredRatio({ compression: 'lz4', compressionRatio: 3 }, { compressionRatio: 2 })).toBe(3);
  // Without a ratio the load generator sends random bytes.
  expect(measuredRatio({ compression: 'lz4' })).toBeUndefined();
  expect(measuredRatio({ compression: 'none', compressionRatio: 3 }, { compressionRatio: 2 })).toBe(2);
});
