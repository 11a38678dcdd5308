import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { runWords } from '../../../support/run-words.ts';

const run = fileURLToPath(new URL('../../../fixtures/recorded-runs/stopped', import.meta.url));

test('prints the computation only with --explain, in the requested language', async () => {
  const [plain, chinese] = await Promise.all([
    runWords('analyze', run),
    runWords('analyze', run, '--explain', '--lang', 'zh'),
  ]);
  expect(plain?.stdout).not.toContain('Computation of the safe maximum');
  expect(chinese?.stdout).toContain('安全上限的计算过程');
});

test('rejects an unknown language and lists the known ones', async () => {
  const { exitCode, stderr } = await runWords('analyze', run, '--explain', '--lang', 'fr');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--lang: "fr" is not one of en, zh')]);
});

test('warns beside the analysis why a killed run has no delivery check', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-analyze-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp('test/fixtures/recorded-runs/find-safe', folder, { recursive: true });
  await rm(join(folder, 'result.json'), { force: true });
  const file = join(folder, 'run.json');
  const document = JSON.parse(await readFile(file, 'utf8')) as { resume: { workload: object } };
  document.resume.workload = { ...document.resume.workload, ofAnotherVersion: true };
  await writeFile(file, JSON.stringify(document));
  const { stdout, stderr } = await runWords('analyze', folder);
  expect(stdout).not.toBe('');
  expect(stderr).toMatch(
    /warning: the journal of the run was not added up .*: .* no workload that this version can read/,
  );
});

test('rejects alternatives for a production window before anything is read', async () => {
  const { exitCode, stderr } = await runWords(
    'analyze',
    '--prometheus',
    'http://127.0.0.1:9',
    '--from',
    'now-7d',
    '--what-if',
    'groups=3',
  );
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--what-if is not available for production windows')]);
});

test('warns about a cluster that is missing in the config of the source, and suggests the nearest name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-analyze-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'plimsoll.yaml');
  const clusters = 'clusters: { orders: { broker: kafka, bootstrap: [127.0.0.1:9092] } }';
  await writeFile(file, `${clusters}\nsources: { prod: { kind: zabbix-export, files: [missing.json] } }\n`);
  const { stderr } = await runWords(
    'analyze',
    '--config',
    file,
    '--source',
    'prod',
    '--cluster',
    'order',
    '--from',
    'now-7d',
  );
  expect(stderr).toContain(
    'warning: no cluster of the config file is called order in the source; did you mean orders?',
  );
});
