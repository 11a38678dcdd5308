import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportRun, exportFormats, type ExportFormatName } from '../../../../../loadgen/record/export/export-run.ts';
import { recordedDocument, writeRecordedRun, type RecordedRun } from '../../../../support/recorded-run.ts';

const run: RecordedRun = {
  steps: [
    { rate: 100, seconds: 10 },
    { rate: 200, seconds: 10 },
  ],
};
const { signal } = new AbortController();
let folder: string;
let recorded: Awaited<ReturnType<typeof writeRecordedRun>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-exports-'));
  recorded = await writeRecordedRun(run);
});
afterAll(async () => {
  await recorded[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const write = (format: ExportFormatName, out: string, force = false, directory = recorded.directory) =>
  exportRun({ directory, document: recordedDocument(run), format: exportFormats[format], out, force }, { signal });

test('an output folder is created and gets one file per step', async () => {
  const { files, notices } = await write('omb', `${join(folder, 'steps')}/`);
  expect(notices).toEqual([]);
  expect(await readdir(join(folder, 'steps'))).toEqual(files.map((file) => file.split('/').at(-1)));
  expect(files).toHaveLength(2);
});

test('several steps cannot be written to one file', async () => {
  await expect(write('omb', join(folder, 'one.json'))).rejects.toMatchObject({ code: 'usage' });
});

test('an existing file is not overwritten unless requested', async () => {
  const out = join(folder, 'mine.csv');
  await writeFile(out, 'mine');
  await expect(write('csv', out)).rejects.toMatchObject({ code: 'file-exists' });
  expect(await readFile(out, 'utf8')).toBe('mine');
  await write('csv', out, true);
  expect((await readFile(out, 'utf8')).split('\r\n')).toHaveLength(1 + 20 + 1);
});

test('an incomplete last line is skipped with a notice', async () => {
  await using torn = await writeRecordedRun(run);
  await appendFile(join(torn.directory, 'journal.ndjson'), '{"kind":"produ');
  const { notices } = await write('hlog', join(folder, 'torn.hlog'), false, torn.directory);
  expect(notices).toEqual([expect.stringContaining('is incomplete and was skipped')]);
});

test('a missing journal is named, and no file is written', async () => {
  await using bare = await writeRecordedRun(run);
  const journal = join(bare.directory, 'journal.ndjson');
  await rm(journal);
  const out = join(folder, 'bare.csv');
  const missing = { message: `cannot read ${journal}: no such file` };
  await expect(write('csv', out, false, bare.directory)).rejects.toMatchObject(missing);
  await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a folder that cannot be written is an error', async () => {
  const out = join(folder, 'nowhere', 'a.csv');
  await expect(write('csv', out)).rejects.toMatchObject({ message: expect.stringContaining('cannot write') as string });
});
