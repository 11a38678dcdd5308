import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findNamed } from '../../../../app/analysis/named-files.ts';
import { producerPerfLog } from '../../../support/load-test-files.ts';

let folder: string;
const { signal } = new AbortController();
const find = (...names: string[]) =>
  findNamed(
    names.map((name) => join(folder, name)),
    { signal },
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-files-'));
  for (const name of ['bundle', 'logs', 'photos', 'other']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'bundle', 'run.json'), '{}');
  for (const name of ['logs', 'other']) await writeFile(join(folder, name, 'p.log'), producerPerfLog({ rate: 1000 }));
  await writeFile(join(folder, 'logs', 'notes.txt'), 'it went well\n');
  await writeFile(join(folder, 'photos', 'a.png'), Buffer.from([0x89, 0x50, 0, 0]));
});

afterAll(() => rm(folder, { recursive: true }));

test('a folder with run.json or a missing folder counts as a bundle', async () => {
  expect(await find('bundle')).toMatchObject({ kind: 'bundle' });
  expect(await find('absent')).toMatchObject({ kind: 'bundle' });
});

test('searches a folder without run.json for files of known tools, and names the others', async () => {
  expect(await find('logs')).toMatchObject({ kind: 'files', files: [{ name: 'p.log' }], skipped: ['notes.txt'] });
});

test('omits folders from file names if the names stay distinct', async () => {
  expect(await find('logs/p.log')).toMatchObject({ files: [{ name: 'p.log' }] });
  expect(await find('logs/p.log', 'other/p.log')).toMatchObject({
    files: [{ name: join(folder, 'logs/p.log') }, { name: join(folder, 'other/p.log') }],
  });
});

test.each([
  [['photos'], 'run-missing', /none of its 1 files/],
  [['logs', 'logs/p.log'], 'usage', /is a folder/],
  [['logs/p.log', 'logs/absent.log'], 'load-test-unreadable', /absent\.log: no such file/],
])('rejects %j', async (names, code, words) => {
  await expect(find(...names)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
});

test('rejects an empty list and suggests what to give', async () => {
  await expect(findNamed([], { signal })).rejects.toMatchObject({ code: 'usage' });
});
