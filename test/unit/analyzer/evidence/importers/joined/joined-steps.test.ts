import { expect, test } from 'vitest';
import {
  joinFiles,
  sourceFindings,
  type JoinOptions,
} from '../../../../../../analyzer/evidence/importers/joined/joined-run.ts';
import { gatherEvidence } from '../../../../../../analyzer/verdict/analyze-run.ts';
import { hlog } from '../../../../../../loadgen/record/export/hlog.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';
import {
  nothingStated,
  producerPerfLog,
  rocketmqConsumerLog,
  rocketmqProducerLog,
} from '../../../../../support/load-test-files.ts';
import { recordedDocument, recordedLines, type RecordedRun } from '../../../../../support/recorded-run.ts';

const noon = Date.parse('2026-11-20T12:00:00Z');

const stepsOf = (files: Record<string, string>, options: Partial<JoinOptions> = {}) =>
  gatherEvidence(
    joinFiles(
      Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
      { ...nothingStated, ...options },
    ),
    examplePolicy(),
  ).steps;

/** Writes a log as `plimsoll export --format hlog` does. */
async function exportedLog(run: RecordedRun, recorded = [...recordedLines(run)]): Promise<string> {
  async function* lines() {
    yield* recorded;
  }
  const files = await Array.fromAsync(hlog.files({ document: recordedDocument(run), lines, notice: () => {} }));
  return (await Promise.all(files.map(({ text }) => Array.fromAsync(text)))).flat().join('');
}

test.each([1, 2, 4])('a log exported from a run with %i producers has their total rate', async (count) => {
  const workers = Array.from({ length: count }, (_, index) => `producer-${index}`);
  const steps = [{ rate: 2000, seconds: 20 }];
  const [step] = stepsOf({ 'r1.hlog': await exportedLog({ steps, workers, groups: ['g1'] }) });
  expect(step?.verdict).toEqual({ kind: 'sustained' });
  expect(step?.step).toMatchObject({ tps: 2000, intendedTps: 2000, recorded: { targetTps: 2000 } });
  expect(step?.step.groups).toMatchObject([{ tps: 2000 }]);
});

test('a log of producers with unequal shares has their total rate', async () => {
  const ofWorker = (worker: string, rate: number): RecordedRun => ({
    steps: [{ rate, seconds: 20 }],
    workers: [worker],
  });
  const [one, other] = [ofWorker('producer-0', 1500), ofWorker('producer-1', 500)];
  const [step] = stepsOf({ 'r1.hlog': await exportedLog(one, [...recordedLines(one), ...recordedLines(other)]) });
  expect(step?.step).toMatchObject({ tps: 2000, intendedTps: 2000, recorded: { targetTps: 2000 } });
});

test('consumer threads of one tool count with their total rate', () => {
  const time = (second: number) => `2026-11-20 12:00:${String(second).padStart(2, '0')}:000`;
  const rows = Array.from({ length: 8 }, (_, window) =>
    [1, 2].map((thread) => {
      const read = 5000 * (window + 1);
      const mib = ((read * 1024) / 2 ** 20).toFixed(4);
      return `${time(5 * window)}, ${time(5 * window + 5)}, ${mib}, 0.9766, 1000.0000, ${read}, 5000 for share consumer ${thread}\n`;
    }),
  );
  const heading = 'start.time, end.time, data.consumed.in.MB, MB.sec, nMsg.sec, data.consumed.in.nMsg, fetch.time.ms\n';
  const [step] = stepsOf(
    { 'p.log': producerPerfLog({ rate: 2000 }), 'c.csv': heading + rows.flat().join('') },
    { starts: { byFile: new Map([['p.log', Date.parse('2026-11-20T12:00:00Z')]]) }, timezone: 'UTC' },
  );
  expect(step?.step.groups.map(({ tps }) => Math.round(tps))).toEqual([2000]);
});

/** Prints output of `kafka-consumer-perf-test --show-detailed-stats`: a row every five seconds. */
function consumerPerfCsv(rate: number, start: number, windows: number): string {
  const rows = Array.from({ length: windows }, (_, index) => {
    const time = new Date(start + 5000 * (index + 1)).toISOString().slice(0, -1).replace('T', ' ').replace('.', ':');
    const read = 5 * rate * (index + 1);
    const mib = ((read * 1024) / 2 ** 20).toFixed(4);
    return `${time}, 0, ${mib}, 1.0000, ${read}, ${rate.toFixed(4)}, 0, 5000, 1.0000, ${rate.toFixed(4)}\n`;
  });
  return `time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n${rows.join('')}`;
}

test('consumers that were started once per rate, with one file each, are one group', () => {
  const rates = [2000, 4000];
  const starts = new Map(rates.map((rate, index) => [`p-${rate}.log`, noon + 70_000 * index]));
  const files = rates.flatMap((rate, index): [string, string][] => [
    [`p-${rate}.log`, producerPerfLog({ rate, windows: 12, spread: 0 })],
    [`c-${rate}.csv`, consumerPerfCsv(rate, noon + 70_000 * index, 12)],
  ]);
  const steps = stepsOf(Object.fromEntries(files), { starts: { byFile: starts }, timezone: 'UTC' });
  expect(steps.map(({ verdict }) => verdict.kind)).toEqual(['sustained', 'sustained']);
  expect(steps.map(({ step }) => step.groups.map(({ group, tps }) => [group, Math.round(tps)]))).toEqual([
    [['c-2000.csv', 2000]],
    [['c-2000.csv', 4000]],
  ]);
});

test('overlapping consumers are separate groups, unless they print the same group name', () => {
  const groupsOf = (heading: string) => {
    const log = (rate: number) => heading + rocketmqConsumerLog({ rate }, noon);
    const [step] = stepsOf(
      { 'p.log': rocketmqProducerLog({ rate: 9000, spread: 0 }, noon), 'c1.log': log(4000), 'c2.log': log(5000) },
      { rates: { byFile: new Map([['p.log', 9000]]) } },
    );
    return [step?.verdict.kind, step?.step.groups.map(({ group, tps }) => [group, Math.round(tps)])];
  };
  expect(groupsOf('topic: BenchmarkTest, threadCount 20, group: orders, suffix: false, filterType: null\n')).toEqual([
    'sustained',
    [['orders', 9000]],
  ]);
  expect(groupsOf('')).toEqual([
    'saturated',
    [
      ['c1.log', 4000],
      ['c2.log', 5000],
    ],
  ]);
});

test('joins a step with more windows than fit into the arguments of one call', () => {
  const rows = Array.from({ length: 150_000 }, (_, second) => `${second + 1},${1000 + (second % 3)}\n`);
  const { produced } = joinFiles([{ name: 'a.csv', bytes: Buffer.from(`time,rate\n${rows.join('')}`) }], {
    ...nothingStated,
    columns: { time: 'time', rate: 'rate' },
  });
  expect(produced).toHaveLength(150_000);
});

test.each([
  ['client-bound', /^The client limited the rate in some files: no maximum is computed/],
  ['truncated', /^Some files are incomplete/],
  ['offered-rate-unknown', /^The target rate of some steps is unknown/],
] as const)('the first line of a finding with %s is clear without the list that follows', (flag, opening) => {
  const [finding] = sourceFindings([
    { file: 'a.txt', source: 'a.txt', flag, what: ['the first reason', '第一个原因'] },
    { file: 'b.txt', source: 'b.txt', flag, what: ['the second reason', '第二个原因'] },
  ]);
  expect(finding?.message).toMatch(opening);
  expect(finding?.message.split('\n')).toHaveLength(3);
});
