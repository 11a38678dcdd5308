import { mkdir, mkdtemp, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { preparedFile, RunDocument } from '../../../../../core/documents/run-bundle.ts';
import {
  checkBundlePlace,
  checkBundleSpace,
  createBundle,
  writeRunDocument,
  writeWhole,
} from '../../../../../loadgen/record/bundle/bundle-writer.ts';

const document = RunDocument.parse({
  schemaVersion: 1,
  id: 'r',
  broker: 'kafka',
  cluster: 'lab',
  workload: { messageBytes: 500 },
  origin: 'load-test',
  startedAt: '2026-01-01T00:00:00Z',
  profile: { name: 'steps', description: 'one step' },
  warmUpSeconds: 0,
  steps: [{ targetTps: 1, durationSeconds: 1 }],
  environment: { hosts: [], brokers: [] },
  versions: {},
});

const loadOf = (durationSeconds: number, { workers = 1, topics = 1 } = {}) => ({
  durationSeconds,
  workload: { workers },
  topic: { names: Array.from({ length: topics }, (_, index) => `t${index}`) },
  groups: ['g'],
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'plimsoll-bundle-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('a new bundle has a complete run.json and two empty journals', async () => {
  const directory = join(await folder(), 'deep', 'down', 'run');
  await using bundle = await createBundle(directory, document);
  await bundle.journal.flush();
  expect((await readdir(directory)).sort()).toEqual(['journal.ndjson', 'run.json', 'telemetry.ndjson']);
  expect(RunDocument.parse(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')))).toEqual(document);
});

test('a prepared bundle gets its run.json just before the load begins', async () => {
  const directory = join(await folder(), 'run');
  await using bundle = await createBundle(directory, document, preparedFile);
  await bundle.journal.flush();
  expect((await readdir(directory)).sort()).toEqual(['journal.ndjson', 'prepared.json', 'telemetry.ndjson']);
  await writeRunDocument(directory, { ...document, id: 'r2' });
  expect((await readdir(directory)).sort()).toEqual(['journal.ndjson', 'run.json', 'telemetry.ndjson']);
  expect(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8'))).toMatchObject({ id: 'r2' });
});

test('an existing folder is left unchanged', async () => {
  const directory = join(await folder(), 'run');
  await mkdir(directory);
  await expect(checkBundlePlace(directory, loadOf(1))).rejects.toMatchObject({ code: 'run-exists' });
  await expect(createBundle(directory, document)).rejects.toMatchObject({ code: 'run-exists' });
  expect(await readdir(directory)).toEqual([]);
});

test('a path below a file is refused before the run begins', async () => {
  const file = join(await folder(), 'notes.txt');
  await writeFile(file, '');
  await expect(checkBundlePlace(join(file, 'run'), loadOf(1))).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining(`${file} is a file`) as string,
  });
});

test('a run that needs more disk space than available is refused before it begins', async () => {
  const directory = join(await folder(), 'run');
  await expect(checkBundlePlace(directory, loadOf(1e12))).rejects.toMatchObject({
    code: 'no-space',
    hint: expect.stringContaining('nothing was started') as string,
  });
});

test('each producer with its topics needs space, also for the rest of a resumed run', async () => {
  const parent = await folder();
  const { bavail, bsize } = await statfs(parent);
  const seconds = (bavail * bsize) / 2 / 20_000;
  await checkBundlePlace(join(parent, 'run'), loadOf(seconds));
  const large = { workers: 64, topics: 100 };
  await expect(checkBundlePlace(join(parent, 'run'), loadOf(seconds, large))).rejects.toMatchObject({
    code: 'no-space',
  });
  await expect(checkBundleSpace(parent, loadOf(seconds, large))).rejects.toMatchObject({ code: 'no-space' });
});

test('the draft of a killed process does not prevent writing the file', async () => {
  const directory = await folder();
  await writeFile(join(directory, '.result.json.draft'), '{ "half": and longer than what follows');
  await writeWhole(directory, 'result.json', '{}\n');
  expect(await readdir(directory)).toEqual(['result.json']);
  expect(await readFile(join(directory, 'result.json'), 'utf8')).toBe('{}\n');
});
