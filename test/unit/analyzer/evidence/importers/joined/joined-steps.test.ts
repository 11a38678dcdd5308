import { expect, test } from 'vitest';
import { joinFiles, type JoinOptions } from '../../../../../../analyzer/evidence/importers/joined/joined-run.ts';
import { gatherEvidence } from '../../../../../../analyzer/verdict/analyze-run.ts';
import { hlog } from '../../../../../../loadgen/record/export/hlog.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';
import { nothingStated, producerPerfLog } from '../../../../../support/load-test-files.ts';
import { recordedDocument, recordedLines, type RecordedRun } from '../../../../../support/recorded-run.ts';
import { sourceFindings } from '../../../../../../analyzer/evidence/importers/joined/source-findings.ts';

const stepsOf = (files: Record<string, string>, options: Partial<JoinOptions> = {}) =>
  gatherEvidence(
    joinFiles(
      Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
      { ...nothingStated, ...options },
    ),
    examplePolicy(),
  ).steps;

/** As `plimsoll export --format hlog` writes it. */
async function exportedLog(run: RecordedRun, recorded = [...recordedLines(run)]): Promise<string> {
  async function* lines() {
    yield* recorded;
  }
  const files = await Array.fromAsync(hlog.files({ document: recordedDocument(run), lines, notice: () => {} }));
  return (await Promise.all(files.map(({ text }) => Array.fromAsync(text)))).flat().join('');
}

test.each([1, 2, 4])('a log exported from a run of %i producers has the rate of all of them', async (count) => {
  const workers = Array.from({ length: count }, (_, index) => `producer-${index}`);
  const steps = [{ rate: 2000, seconds: 20 }];
  const [step] = stepsOf({ 'r1.hlog': await exportedLog({ steps, workers, groups: ['g1'] }) });
  expect(step?.verdict).toEqual({ kind: 'sustained' });
  expect(step?.step).toMatchObject({ tps: 2000, intendedTps: 2000, recorded: { targetTps: 2000 } });
  expect(step?.step.groups).toMatchObject([{ tps: 2000 }]);
});

test('so has the log of producers with unequal shares', async () => {
  const ofWorker = (worker: string, rate: number): RecordedRun => ({
    steps: [{ rate, seconds: 20 }],
    workers: [worker],
  });
  const [one, other] = [ofWorker('producer-0', 1500), ofWorker('producer-1', 500)];
  const [step] = stepsOf({ 'r1.hlog': await exportedLog(one, [...recordedLines(one), ...recordedLines(other)]) });
  expect(step?.step).toMatchObject({ tps: 2000, intendedTps: 2000, recorded: { targetTps: 2000 } });
});

test('consumers that run in threads of one tool read at the rate of all of them', () => {
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

test('a step of more windows than a call has room for arguments is joined', () => {
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
] as const)('the opening of a list of %s is understood without the list', (flag, opening) => {
  const [finding] = sourceFindings([
    { file: 'a.txt', source: 'a.txt', flag, what: 'the first reason' },
    { file: 'b.txt', source: 'b.txt', flag, what: 'the second reason' },
  ]);
  expect(finding?.message).toMatch(opening);
  expect(finding?.message.split('\n')).toHaveLength(3);
});
