import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { csv } from '../../../../../loadgen/record/export/csv.ts';
import type { ExportFormat } from '../../../../../loadgen/record/export/export-format.ts';
import { hlog } from '../../../../../loadgen/record/export/hlog.ts';
import { omb } from '../../../../../loadgen/record/export/omb.ts';
import type { JournalLine } from '../../../../../core/documents/run-bundle.ts';
import { recordedDocument, recordedEpoch, recordedLines, type RecordedRun } from '../../../../support/recorded-run.ts';

async function exported(format: ExportFormat, run: RecordedRun, lines: Iterable<JournalLine> = recordedLines(run)) {
  const files: { name: string; text: string }[] = [];
  const notices: string[] = [];
  async function* read() {
    yield* lines;
  }
  const given = { document: recordedDocument(run), lines: read, notice: (words: string) => void notices.push(words) };
  for await (const { name, text } of format.files(given)) {
    files.push({ name, text: (await Array.fromAsync(text)).join('') });
  }
  return { files, notices };
}

const twoSteps: RecordedRun = {
  warmUpSeconds: 2,
  steps: [
    { rate: 100, seconds: 20, latency: (n) => 0.001 * (n + 1) },
    { rate: 200, seconds: 25, latency: () => 0.02, achieved: 0.9 },
  ],
  workers: ['producer-1', 'producer-2'],
  topics: ['orders-1', 'orders-2'],
  groups: ['g1'],
};

type OmbDocument = Record<string, number> & Record<string, number[]> & Record<string, Record<string, number>>;

test('OpenMessaging Benchmark: one document per step, named by target rate and end of its last window', async () => {
  const { files } = await exported(omb, twoSteps);
  expect(files.map(({ name }) => name)).toEqual([
    'steps-100-rate-Kafka-acks-all-2026-06-18-01-00-22.json',
    'steps-200-rate-Kafka-acks-all-2026-06-18-01-00-42.json',
  ]);
  const [first, second] = files.map(({ text }) => JSON.parse(text) as OmbDocument);
  expect(first).toMatchObject({
    workload: 'steps-100-rate',
    driver: 'Kafka-acks-all',
    messageSize: 500,
    topics: 2,
    partitions: 12,
    producersPerTopic: 2,
    consumersPerTopic: 1,
    publishRate: [100, 100],
    publishErrorRate: [0, 0],
    consumeRate: [100, 100],
    backlog: [0, 0],
  });
  expect(second).toMatchObject({ publishRate: [180, 180], publishErrorRate: [20, 20] });
});

test('OpenMessaging Benchmark: counts the topics of a mix', async () => {
  const topics = ['orders-1', 'orders-2', 'orders-3'];
  const [first] = (await exported(omb, { ...twoSteps, topics, isMixed: true })).files;
  expect(JSON.parse(first?.text ?? '{}')).toMatchObject({ topics: 3, partitions: 12 });
});

test('OpenMessaging Benchmark: latencies are milliseconds, delays whole microseconds', async () => {
  const [first] = (await exported(omb, twoSteps)).files.map(({ text }) => JSON.parse(text) as OmbDocument);
  // Each worker sends 50 a second, which take 1 to 50 ms, including 0.2 ms before they were sent.
  expect(first?.['aggregatedPublishLatency50pct']).toBeCloseTo(24.8, 1);
  expect(first?.['publishLatencyMax']).toEqual([expect.closeTo(49.8, 1), expect.closeTo(49.8, 1)]);
  expect(first?.['publishDelayLatency99pct']).toEqual([200, 200]);
  expect(first?.['aggregatedPublishDelayLatencyAvg']).toBeCloseTo(200, 0);
  expect(first?.['aggregatedEndToEndLatencyMax']).toBeCloseTo(101, 0);
  expect(first?.['aggregatedPublishLatencyQuantiles']?.['100.0']).toBeCloseTo(49.8, 1);
});

test('OpenMessaging Benchmark: has exactly the keys of the format of April 2022', async () => {
  const [file] = (await exported(omb, twoSteps)).files;
  const ends = ['Avg', '50pct', '75pct', '95pct', '99pct', '999pct', '9999pct', 'Max'];
  const series = ['publishLatency', 'publishDelayLatency', 'endToEndLatency'];
  const keys = [
    'workload driver messageSize topics partitions producersPerTopic consumersPerTopic'.split(' '),
    'publishRate publishErrorRate consumeRate backlog'.split(' '),
    series.flatMap((name) => ends.map((end) => `${name}${end}`)),
    series.flatMap((name) =>
      [...ends, 'Quantiles'].map((end) => `aggregated${name.charAt(0).toUpperCase()}${name.slice(1)}${end}`),
    ),
  ].flat();
  expect(Object.keys(JSON.parse(file?.text ?? '{}') as object).toSorted()).toEqual(keys.toSorted());
});

test('OpenMessaging Benchmark: a step without an end is left out, with a notice', async () => {
  const { files, notices } = await exported(omb, { ...twoSteps, end: 'killed' });
  expect(files).toHaveLength(1);
  expect(notices).toEqual(['a step that was cut off is skipped: it has no end']);
});

test('OpenMessaging Benchmark: a step that was repeated after a resume counts once, with its second attempt', async () => {
  const step = { rate: 100, seconds: 10 };
  const cutOff = [...recordedLines({ steps: [step], end: 'killed' })];
  const later = [...recordedLines({ steps: [{ ...step, latency: () => 0.03 }] })].map((line) => ({
    ...line,
    elapsedSeconds: line.elapsedSeconds + 12,
  }));
  const startedAt = new Date(recordedEpoch).toISOString();
  const lines: JournalLine[] = [...cutOff, { kind: 'resumed', elapsedSeconds: 12, attempt: 2, startedAt }, ...later];
  const { files, notices } = await exported(omb, { steps: [step] }, lines);
  const documents = files.map(({ text }) => JSON.parse(text) as OmbDocument);
  expect(documents.map((document) => document['publishRate'])).toEqual([[100]]);
  expect(documents[0]?.['aggregatedPublishLatency50pct']).toBeCloseTo(29.8, 1);
  expect(notices).toEqual([]);
  const rows = (await exported(csv, { steps: [step] }, lines)).files[0]?.text.split('\r\n') ?? [];
  expect(rows.slice(1, -1).map((row) => row.split(',')[3])).toEqual([
    ...Array.from({ length: 10 }, () => '1'),
    ...Array.from({ length: 10 }, () => '2'),
  ]);
});

test('OpenMessaging Benchmark: results of a resumed run have the time of their own attempt', async () => {
  const step = { rate: 100, seconds: 10 };
  const later = [...recordedLines({ steps: [step] })].map((line) => ({
    ...line,
    elapsedSeconds: line.elapsedSeconds + 12,
  }));
  const startedAt = new Date(recordedEpoch + 86_400_000).toISOString();
  const lines: JournalLine[] = [
    ...recordedLines({ steps: [step], end: 'killed' }),
    { kind: 'resumed', elapsedSeconds: 12, attempt: 2, startedAt },
    ...later,
  ];
  const dayAfter = (seconds: number) => new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
  const rows = (await exported(csv, { steps: [step] }, lines)).files[0]?.text.trim().split('\r\n') ?? [];
  expect(rows.at(-1)?.split(',')[0]).toBe(dayAfter(22));
  const [file] = (await exported(omb, { steps: [step] }, lines)).files;
  expect(file?.name).toContain(dayAfter(22).slice(0, 19).replaceAll(/[T:]/g, '-'));
  const last = (await exported(hlog, { steps: [step] }, lines)).files[0]?.text.trim().split('\n').at(-1);
  expect(Number(last?.split(',')[1])).toBeCloseTo(86_400 + 21, 3);
});

test('OpenMessaging Benchmark: a drain is left out', async () => {
  const { files } = await exported(omb, {
    steps: [
      { rate: 100, seconds: 10 },
      { rate: 0, seconds: 10 },
    ],
  });
  expect(files).toHaveLength(1);
});

test('HdrHistogram: every interval of the log can be read back, by worker and series', async () => {
  const [file] = (await exported(hlog, twoSteps)).files;
  expect(file?.name).toBe('r1.hlog');
  const text = file?.text ?? '';
  expect(listTags(text)).toEqual([
    ...['producer-1', 'producer-2'].flatMap((worker) => [
      `${worker}.intended-to-acknowledged`,
      `${worker}.intended-to-sent`,
      `${worker}.sent-to-acknowledged`,
      `${worker}.orders-1.intended-to-acknowledged`,
      `${worker}.orders-2.intended-to-acknowledged`,
    ]),
    'consumer-g1.intended-to-consumed',
  ]);
  const reader = new HistogramLogReader(text);
  let messages = 0;
  let intervals = 0;
  for (let next = reader.nextIntervalHistogram(); next !== null; next = reader.nextIntervalHistogram()) {
    if (next.tag !== 'producer-1.intended-to-acknowledged') continue;
    expect(next.startTimeStampMsec).toBe(recordedEpoch + intervals * 1000);
    intervals += 1;
    messages += next.totalCount;
  }
  expect([intervals, messages]).toEqual([47, 2 * 50 + 20 * 50 + 25 * 90]);
});

test('CSV: one row per second, step, topic and producer, with units in the headings', async () => {
  const [file] = (await exported(csv, twoSteps)).files;
  const [head = '', ...rows] = (file?.text ?? '').trimEnd().split('\r\n');
  const headings = head.split(',');
  const table = rows.map((row) => Object.fromEntries(row.split(',').map((value, i) => [headings[i] ?? '', value])));
  expect(table.every((row) => Object.keys(row).length === headings.length)).toBe(true);
  // Two producers with two topics each, and a consumer.
  expect(table).toHaveLength(47 * 7);
  expect(table[0]).toMatchObject({ step: '', scope: 'producer', worker: 'producer-1', topic: '' });
  const inSecond = table.filter((row) => row['step'] === '2' && row['elapsed_seconds'] === '30');
  expect(inSecond).toMatchObject([
    { scope: 'producer', intended_messages: '100', acknowledged_messages: '90', failed_messages: '10', topic: '' },
    { scope: 'topic', topic: 'orders-1', acknowledged_messages: '45', cpu_seconds: '' },
    { scope: 'topic', topic: 'orders-2', acknowledged_messages: '45' },
    { scope: 'producer', worker: 'producer-2', target_messages_per_second: '200' },
    { scope: 'topic' },
    { scope: 'topic' },
    { scope: 'consumer', group: 'g1', consumed_messages: '180', time: '2026-06-18T01:00:30.000Z' },
  ]);
  expect(Number(inSecond[0]?.['latency_p50_seconds'])).toBeCloseTo(0.02, 4);
  expect(Number(inSecond[6]?.['end_to_end_max_seconds'])).toBeCloseTo(0.021, 4);
});

test('CSV: a group whose name starts like a formula stays text', async () => {
  const { files } = await exported(csv, { ...twoSteps, groups: ["=cmd|' /C calc'!A0"] });
  expect(files[0]?.text).toContain(",'=cmd|' /C calc'!A0,");
  expect(files[0]?.text).not.toContain(',=');
});
