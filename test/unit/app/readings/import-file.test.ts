import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importFile } from '../../../../app/readings/import-file.ts';
import { recordedDocument } from '../../../support/recorded-run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-readings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const printed = join(import.meta.dirname, '../../../fixtures/host-tools/sar-C.txt');

async function imported(bytes: Uint8Array) {
  const path = join(folder, 'sar.txt');
  await writeFile(path, bytes);
  return importFile(path, {
    document: { ...recordedDocument({ steps: [{ rate: 1000, seconds: 60 }] }), startedAt: '2026-11-20T14:06:42Z' },
    resumed: [],
    host: 'mq-1',
    broker: '1',
    inventory: { host: 'mq-1' },
    clock: { timezone: 'UTC', offsetSeconds: 0 },
    signal: new AbortController().signal,
  });
}

test.each([
  ['in UTF-16', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['in UTF-8 with a byte order mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
  ['gzipped', (text: string) => gzipSync(text)],
])('a file %s has the readings of the plain one', async (_, encode) => {
  const text = await readFile(printed, 'utf8');
  const plain = await imported(Buffer.from(text));
  const { lines, report } = await imported(encode(text));
  expect(report).toEqual(plain.report);
  expect(lines.slice(1)).toEqual(plain.lines.slice(1));
});

test.each([
  ['', /sar\.txt: it is empty$/],
  ['\0\u0001', /sar\.txt: it is binary$/],
])('%j is refused with the name of the file', async (text, message) => {
  const refused = imported(Buffer.from(text));
  await expect(refused).rejects.toMatchObject({ code: 'readings-unreadable', message: expect.stringMatching(message) });
});
