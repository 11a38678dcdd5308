import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runWords } from '../../../support/run-words.ts';
import { writeRecordedRun } from '../../../support/recorded-run.ts';

test('export reports the written files as text and as JSON', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-exports-'));
  await using run = await writeRecordedRun({ steps: [{ rate: 10, seconds: 10 }] });
  const out = join(folder, 'run.hlog');
  expect(await runWords('export', run.directory, '--format', 'hlog', '--out', out)).toEqual({
    exitCode: 0,
    stdout: `${out}\n`,
    stderr: '',
  });
  const { stdout } = await runWords('export', run.directory, '--format', 'omb', '--out', folder, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ format: 'omb', files: [expect.stringMatching(/-10-rate-.*\.json$/)] });
  await rm(folder, { recursive: true });
});

test.each([
  ['export --format csv --out a.csv', 'takes one word, the folder of a run, but got none'],
  ['export one two --format csv --out a.csv', 'takes one word, the folder of a run, but got one two'],
  ['export examples/founding-70k --out a.csv', '--format is missing: omb ('],
  ['export examples/founding-70k --format parquet --out a', '--format: "parquet" is not one of omb, hlog, csv'],
  ['export examples/founding-70k --format csv', '--out is missing'],
  ['export examples/founding-70k --format csv --out a.csv', 'has manually entered readings'],
  ['export nowhere --format csv --out a.csv', 'no such folder'],
])('rejects %s with a remedy', async (words, message) => {
  const { exitCode, stderr } = await runWords(...words.split(' '));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});
