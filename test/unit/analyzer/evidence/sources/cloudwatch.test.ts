import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SourceConfig } from '../../../../../analyzer/evidence/sources/config.ts';
import { queriesFor } from '../../../../../analyzer/evidence/sources/cloudwatch-queries.ts';
import { readTelemetry } from '../../../../../analyzer/evidence/sources/telemetry.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../../../fixtures/cloudwatch/${name}`, import.meta.url));
const start = Date.parse('2026-11-20T10:00:00Z') / 1000;
const io = () => ({ signal: AbortSignal.timeout(10_000), name: 'aws' });
const windowOf = (from: number, to: number, stepSeconds = 60) => ({
  from: new Date((start + from) * 1000),
  to: new Date((start + to) * 1000),
  stepSeconds,
});

interface Result {
  Id: string;
  Timestamps: (number | string)[];
  Values: number[];
  StatusCode?: string;
  Messages?: { Code: string; Value: string }[];
}
interface Printed {
  MetricDataResults: Result[];
  Messages?: { Code: string; Value: string }[];
}

const printed = async () => JSON.parse(await readFile(fixture('get-metric-data.json'), 'utf8')) as Printed;

const hosts = {
  'kafka-1': { instance: 'i-0a1', cores: 8, volumes: { 'vol-0b1': { throughput: '600MiB' } } },
  'kafka-2': { instance: 'i-0a2', cores: 8, volumes: { 'vol-0b2': {} } },
};

/** Reads responses from files, together with their queries. */
async function reading(
  answers: readonly (object | string)[],
  window: ReturnType<typeof windowOf>,
  over: object = { hosts },
  queries?: object,
) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-cloudwatch-'));
  try {
    const files = [join(folder, 'queries.json')];
    await writeFile(
      files[0] ?? '',
      queries === undefined ? await readFile(fixture('queries.json')) : JSON.stringify(queries),
    );
    for (const [index, answer] of answers.entries()) {
      files.push(join(folder, `${index}.json`));
      await writeFile(files.at(-1) ?? '', typeof answer === 'string' ? answer : JSON.stringify(answer));
    }
    return await readTelemetry(SourceConfig.parse({ kind: 'cloudwatch-export', files, ...over }), window, io());
  } finally {
    await rm(folder, { recursive: true });
  }
}

const at10MinutesOf200k = {
  from: 60,
  to: 120,
  cpu: { busyCores: expect.closeTo(8 * 0.13, 6), cores: 8, iowaitCores: 0, stealCores: 0 },
  network: [{ device: 'eni', inBytesPerSecond: 204.9e6, outBytesPerSecond: 204.9e6 }],
  disks: [
    {
      device: 'vol-0b1',
      busy: expect.closeTo(204.8e6 / (600 * 2 ** 20), 6),
      writtenBytesPerSecond: 204.8e6,
      awaitSeconds: expect.closeTo(0.004, 6),
    },
  ],
};

test('reads the output of the AWS CLI as whole periods, with sums divided by their period', async () => {
  const { hosts: read, findings } = await reading([await printed()], windowOf(0, 480));
  expect(read.get('kafka-1')?.intervals).toHaveLength(8);
  expect(read.get('kafka-1')?.intervals.at(1)).toEqual(at10MinutesOf200k);
  // Without a provisioned limit, only the share of time with operations is known.
  expect(read.get('kafka-2')?.intervals.at(1)?.disks?.[0]?.busy).toBeCloseTo(1 - 0.5 / 60, 6);
  expect(read.get('i-0a3')?.intervals.at(1)?.network?.[0]?.inBytesPerSecond).toBe(204.9e6);
  expect(read.get('i-0a3')?.intervals.at(1)?.cpu).toBeUndefined();
  expect(findings.map(({ code }) => code)).toContain('source-without-framing');
  expect(findings.map(({ code }) => code)).not.toContain('source-burst-spent');
});

test('reads timestamps in the format of version 2 of the AWS CLI', async () => {
  const answer = await printed();
  for (const each of answer.MetricDataResults) {
    each.Timestamps = each.Timestamps.map((time) =>
      new Date(Number(time) * 1000).toISOString().replace('.000Z', '+00:00'),
    );
  }
  const { hosts: read } = await reading([answer], windowOf(0, 480));
  expect(read.get('kafka-1')?.intervals.at(1)).toEqual(at10MinutesOf200k);
});

test('counts only whole periods within the window', async () => {
  const { hosts: read } = await reading([await printed()], windowOf(30, 200, 10));
  expect(read.get('kafka-1')?.intervals.map(({ from, to }) => [from, to])).toEqual([
    [30, 90],
    [90, 150],
  ]);
  await expect(reading([await printed()], windowOf(70, 110, 10))).rejects.toMatchObject({
    code: 'source-empty',
    message: expect.stringContaining('no whole period'),
  });
});

test('an instance without detailed monitoring has one value per 5 minutes, even if 60 s were requested', async () => {
  const answer = await printed();
  for (const each of answer.MetricDataResults.slice(0, 3)) {
    each.Timestamps = [start, start + 300];
    each.Values = each.Id === 'q0' ? [20, 40] : [300 * 1e6, 300 * 2e6];
  }
  const { hosts: read, findings } = await reading([answer], windowOf(0, 600));
  const long = read.get('kafka-1')?.intervals.filter(({ from, to }) => to - from === 300);
  expect(long?.map(({ from, network }) => [from, network?.[0]?.inBytesPerSecond])).toEqual([
    [0, 1e6],
    [300, 2e6],
  ]);
  expect(findings.filter(({ code }) => code === 'source-coarse')).toHaveLength(1);
});

test('a single value has no known period and is dropped', async () => {
  const answer = await printed();
  for (const each of answer.MetricDataResults.slice(0, 3)) each.Timestamps.splice(1);
  for (const each of answer.MetricDataResults.slice(0, 3)) each.Values.splice(1);
  const { hosts: read, findings } = await reading([answer], windowOf(0, 480));
  const all = read.get('kafka-1')?.intervals.filter(({ from }) => from >= 0);
  expect(all?.every(({ network }) => network === undefined)).toBe(true);
  expect(findings.find(({ code }) => code === 'source-warning')?.message).toContain('kafka-1, so the period');
});

test('a metric without values in CloudWatch is absent, not 0', async () => {
  const answer = await printed();
  for (const each of answer.MetricDataResults.filter(({ Id }) => Id === 'q2' || Id === 'q6')) {
    const index = each.Timestamps.indexOf(start + 60);
    each.Timestamps.splice(index, 1);
    each.Values.splice(index, 1);
  }
  const { hosts: read } = await reading([answer], windowOf(0, 480));
  expect(read.get('kafka-1')?.intervals.at(1)).toEqual({ from: 60, to: 120, cpu: at10MinutesOf200k.cpu });
});

test('joins the pages of one response, and reports incomplete values', async () => {
  const whole = await printed();
  const first = structuredClone(whole);
  const second = structuredClone(whole);
  for (const each of first.MetricDataResults) {
    Object.assign(each, {
      Timestamps: each.Timestamps.slice(4),
      Values: each.Values.slice(4),
      StatusCode: 'PartialData',
    });
  }
  for (const each of second.MetricDataResults) {
    Object.assign(each, { Timestamps: each.Timestamps.slice(0, 4), Values: each.Values.slice(0, 4) });
  }
  const both = { MetricDataResults: [...first.MetricDataResults, ...second.MetricDataResults] };
  const joined = await reading([both], windowOf(0, 480));
  expect(joined.hosts).toEqual((await reading([whole], windowOf(0, 480))).hosts);
  expect(joined.findings.map(({ code }) => code)).not.toContain('source-warning');
  const half = await reading([first], windowOf(0, 480));
  expect(half.findings.find(({ code }) => code === 'source-warning')?.message).toContain('not complete (PartialData)');
});

test('shows the messages of the API', async () => {
  const answer = {
    ...(await printed()),
    Messages: [{ Code: 'MaxMetricsExceeded', Value: 'The maximum was exceeded' }],
  };
  const { findings } = await reading([answer], windowOf(0, 480));
  expect(findings.find(({ code }) => code === 'source-warning')?.message).toContain('MaxMetricsExceeded: The maximum');
});

const msk = { cluster: 'orders', brokers: [1, 2], cores: 2, groups: { billing: ['orders', 'payments'] } };

/** One constant value per metric, over five minutes. */
function mskAnswer(valueOf: (metric: string, broker: string | undefined) => number | undefined) {
  const source = SourceConfig.parse({ kind: 'cloudwatch', region: 'eu-central-1', msk });
  if (source.kind !== 'cloudwatch') throw new Error(source.kind);
  const queries = queriesFor(source, 60);
  const times = [0, 60, 120, 180, 240].map((second) => start + second);
  const MetricDataResults = queries.map(({ Id, MetricStat }): Result => {
    const { MetricName, Dimensions } = MetricStat?.Metric ?? { MetricName: '', Dimensions: [] };
    const value = valueOf(MetricName, Dimensions.find(({ Name }) => Name === 'Broker ID')?.Value);
    return {
      Id,
      Timestamps: value === undefined ? [] : times,
      Values: value === undefined ? [] : times.map(() => value),
    };
  });
  return { queries, answer: { MetricDataResults } };
}

test('reads figures of MSK brokers, and the lag of a group over all its topics', async () => {
  const values: Record<string, number> = {
    CpuIdle: 60,
    CpuIoWait: 5,
    MemoryUsed: 3e9,
    MemoryFree: 1e9,
    MemoryBuffered: 0.5e9,
    MemoryCached: 3.5e9,
    MessagesInPerSec: 1000,
    BytesInPerSec: 1e6,
    RequestHandlerAvgIdlePercent: 0.75,
    NetworkProcessorAvgIdlePercent: 0.9,
    HeapMemoryAfterGC: 40,
    UnderReplicatedPartitions: 2,
    SumOffsetLag: 500,
  };
  const { queries, answer } = mskAnswer((metric) => values[metric]);
  const read = await reading([answer], windowOf(0, 300), { msk }, queries);
  expect(read.brokers.get('1')?.[0]).toEqual({
    from: 0,
    to: 60,
    messagesInPerSecond: 1000,
    bytesInPerSecond: 1e6,
    requestHandlersBusy: 0.25,
    networkProcessorsBusy: expect.closeTo(0.1, 6),
    heapUsedRatio: 0.4,
    underReplicatedPartitions: 2,
  });
  expect(read.hosts.get('2')?.intervals.at(0)).toEqual({
    from: 0,
    to: 60,
    cpu: { busyCores: expect.closeTo(0.7, 6), cores: 2, iowaitCores: 0.1, stealCores: 0 },
    memory: { usedBytes: 3e9, totalBytes: 8e9 },
  });
  expect(read.environment.brokers).toMatchObject([
    { id: '1', host: '1' },
    { id: '2', host: '2' },
  ]);
  expect(read.lag[0]).toEqual({ elapsedSeconds: 60, group: 'billing', messages: 1000 });
  expect(read.traffic[0]?.messagesPerSecond).toBe(2000);
});

test('a volume without burst credits is reported with the time', async () => {
  const { queries, answer } = mskAnswer((metric) =>
    metric === 'BurstBalance' ? 0 : metric === 'CpuIdle' ? 50 : undefined,
  );
  const { findings } = await reading([answer], windowOf(0, 300), { msk }, queries);
  const spent = findings.filter(({ code }) => code === 'source-burst-spent');
  expect(spent.map(({ message }) => message)).toEqual([
    expect.stringContaining('volume ebs of 1 had no burst credits left at 2026-11-20T10:01:00Z'),
    expect.stringContaining('of 2'),
  ]);
});

test('a broker with CPU credits is reported as not sustaining all its cores', async () => {
  const { queries, answer } = mskAnswer((metric, broker) => {
    if (metric === 'CPUCreditBalance') return broker === '2' ? 112 : undefined;
    return metric === 'CpuIdle' ? 50 : undefined;
  });
  const { findings } = await reading([answer], windowOf(0, 300), { msk }, queries);
  const burstable = findings.filter(({ code }) => code === 'source-burstable-cpu');
  expect(burstable.map(({ message }) => message)).toEqual([
    expect.stringContaining('CPU credits of 2 (lowest balance: 112)'),
  ]);
});

test.each([
  ['{"MetricDataResults": [', 'is not JSON'],
  ['{"Datapoints": [], "Label": "x"}', 'is neither an answer of get-metric-data nor its queries'],
  [{ MetricDataResults: [{ Id: 'q0', Timestamps: [start], Values: [1, 2] }] }, 'q0 has 1 times for 2 values'],
  [{ MetricDataResults: [{ Id: 'q0', Timestamps: ['2026-11-20 10:00'], Values: [1] }] }, 'is neither an answer'],
  [{ MetricDataResults: [{ Id: 'm1', Timestamps: [start], Values: [1] }] }, 'no query has the Id m1'],
])('refuses %j', async (answer, message) => {
  await expect(reading([answer], windowOf(0, 480))).rejects.toMatchObject({
    code: 'source-unreadable',
    message: expect.stringContaining(message),
  });
});

test('names the npm package that the CloudWatch API needs', async () => {
  const source = SourceConfig.parse({ kind: 'cloudwatch', region: 'eu-central-1', hosts });
  await expect(readTelemetry(source, windowOf(0, 480), io())).rejects.toMatchObject({
    code: 'prerequisite-missing',
    message: expect.stringMatching(
      /CloudWatch needs the npm package @aws-sdk\/client-cloudwatch@3\.\d+\.0, which is not installed/,
    ),
  });
});

test('rejects a window with too many values, and suggests a period that fits', async () => {
  const source = SourceConfig.parse({
    kind: 'cloudwatch',
    region: 'eu-central-1',
    msk: { ...msk, brokers: Array.from({ length: 90 }, (_, id) => id + 1) },
  });
  const now = new Date();
  const window = { from: new Date(now.getTime() - 14 * 86_400_000), to: now, stepSeconds: 60 };
  await expect(readTelemetry(source, window, io())).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringMatching(/set `period: \d+s` or more/),
  });
});
