import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { deriveResult } from '../../../../app/analysis/derived-result.ts';

const io = { signal: new AbortController().signal };

async function killedRun(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-derived-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const run = join(folder, 'run');
  await cp('test/fixtures/recorded-runs/find-safe', run, { recursive: true });
  await rm(join(run, 'result.json'), { force: true });
  return run;
}
const resultOf = (run: string) => readFile(join(run, 'result.json'), 'utf8').catch(() => undefined);

test('derives the missing result of a run from its journal, including the certificate', async () => {
  const run = await killedRun();
  await deriveResult(run, io);
  const result = JSON.parse((await resultOf(run)) ?? '{}') as { certificate?: { trials: unknown[] } };
  expect(result.certificate?.trials.length).toBeGreaterThan(1);
});

test('does not derive a result for a load test that still runs', async () => {
  const run = await killedRun();
  const control = { schemaVersion: 1, url: 'http://127.0.0.1:1', token: 'x', pid: process.pid };
  await writeFile(join(run, 'control.json'), JSON.stringify(control));
  await deriveResult(run, io);
  expect(await resultOf(run)).toBeUndefined();
});

test('a run without a journal has no result', async () => {
  const run = await killedRun();
  await rm(join(run, 'journal.ndjson'));
  await deriveResult(run, io);
  expect(await resultOf(run)).toBeUndefined();
});

test('reports a damaged journal and writes no result', async () => {
  const run = await killedRun();
  await writeFile(join(run, 'journal.ndjson'), 'not a journal\n{"kind":"nothing"}\n');
  expect(await deriveResult(run, io)).toMatchObject({ code: 'run-unreadable' });
  expect(await resultOf(run)).toBeUndefined();
});

test('reports a workload of another version', async () => {
  const run = await killedRun();
  const document = JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as { resume: { workload: object } };
  document.resume.workload = { ...document.resume.workload, ofAnotherVersion: true };
  await writeFile(join(run, 'run.json'), JSON.stringify(document));
  const message = expect.stringContaining('has no workload that this version can read') as string;
  expect(await deriveResult(run, io)).toMatchObject({ code: 'run-unreadable', message });
});

test('reports an unwritable folder and continues the analysis', async () => {
  const run = await killedRun();
  await mkdir(join(run, '.result.json.draft'));
  const message = expect.stringContaining('result.json') as string;
  expect(await deriveResult(run, io)).toMatchObject({ message });
});
