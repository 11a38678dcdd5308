import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importFile, readRunTime } from '../../../../app/readings/import-file.ts';
import { recordedDocument } from '../../../support/recorded-run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-readings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const printed = join(import.meta.dirname, '../../../fixtures/host-tools/sar-C.txt');

async function imported(bytes: Uint8Array, given: Partial<Parameters<typeof importFile>[1]> = {}) {
  const path = join(folder, 'sar.txt');
  await writeFile(path, bytes);
  return importFile(path, {
    document: { ...recordedDocument({ steps: [{ rate: 1000, seconds: 60 }] }), startedAt: '2026-11-20T14:06:42Z' },
    time: { resumed: [], lastSeconds: 0 },
    host: 'mq-1',
    broker: '1',
    inventory: { host: 'mq-1' },
    clock: { timezone: 'UTC', offsetSeconds: 0 },
    signal: new AbortController().signal,
    ...given,
  });
}

async function timeOf(...lines: readonly object[]) {
  await writeFile(join(folder, 'journal.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return readRunTime(folder, { signal: new AbortController().signal });
}
const step = { step: 0, targetTps: 1000 };

test('readings of a search without planned steps belong to its time as long as its journal continues', async () => {
  const text = await readFile(printed);
  const planned = recordedDocument({ steps: [{ rate: 1000, seconds: 60 }] });
  const document = { ...planned, steps: [], startedAt: '2026-11-20T13:40:00Z' };
  const started = { kind: 'step-started', elapsedSeconds: 1, durationSeconds: 30, ...step };
  await expect(imported(text, { document, time: await timeOf(started) })).rejects.toThrow(/none of it is of the time/);
  const time = await timeOf(started, { kind: 'step-ended', elapsedSeconds: 1700, step: 0 });
  expect((await imported(text, { document, time })).report.from).toBe('2026-11-20T14:06:43.000Z');
});

test('a resumed run covers the seconds of all its attempts', async () => {
  const startedAt = '2026-11-20T13:00:00.000Z';
  const time = await timeOf(
    { kind: 'step-started', elapsedSeconds: 1, durationSeconds: 30, ...step },
    { kind: 'resumed', elapsedSeconds: 20, attempt: 2, startedAt },
    { kind: 'step-ended', elapsedSeconds: 90, step: 0 },
    { kind: 'worker-lost', elapsedSeconds: 85, worker: 'producer-0', share: 'moved' },
  );
  expect(time).toEqual({ resumed: [{ from: 20, startedAtMs: Date.parse(startedAt) }], lastSeconds: 90 });
});

test.each([
  ['in UTF-16', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['in UTF-8 with a byte order mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
  ['gzipped', (text: string) => gzipSync(text)],
])('a file %s yields the readings of the plain file', async (_, encode) => {
  const text = await readFile(printed, 'utf8');
  const plain = await imported(Buffer.from(text));
  const { lines, report } = await imported(encode(text));
  expect(report).toEqual(plain.report);
  expect(lines.slice(1)).toEqual(plain.lines.slice(1));
});

test.each([
  ['', /sar\.txt: it is empty$/],
  ['\0\u0001', /sar\.txt: it is binary$/],
])('rejects %j with the name of the file', async (text, message) => {
  const refused = imported(Buffer.from(text));
  await expect(refused).rejects.toMatchObject({ code: 'readings-unreadable', message: expect.stringMatching(message) });
});
