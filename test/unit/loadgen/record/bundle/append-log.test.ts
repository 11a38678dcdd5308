import { mkdtemp, open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { foldJournal } from '../../../../../analyzer/evidence/importers/journal.ts';
import type { JournalLine } from '../../../../../core/documents/run-bundle.ts';
import { openAppendLog } from '../../../../../loadgen/record/bundle/append-log.ts';
import { readJournalLines } from '../../../../../loadgen/record/bundle/journal-lines.ts';
import { createLatencyRecorder } from '../../../../../loadgen/record/latency.ts';
import { recordedDocument } from '../../../../support/recorded-run.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'plimsoll-log-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('flushed lines are in the file, and later ones are not', async () => {
  const path = join(await folder(), 'a.ndjson');
  await using log = await openAppendLog<{ n: number }>(path);
  log.append({ n: 1 });
  log.append({ n: 2 });
  await log.flush();
  log.append({ n: 3 });
  expect(await readFile(path, 'utf8')).toBe('{"n":1}\n{"n":2}\n');
});

test('lines keep their order if flushes overlap', async () => {
  const path = join(await folder(), 'a.ndjson');
  await using log = await openAppendLog<number>(path);
  const flushes = Array.from({ length: 20 }, (_, n) => {
    log.append(n);
    return log.flush();
  });
  await Promise.all(flushes);
  expect((await readFile(path, 'utf8')).trim().split('\n').map(Number)).toEqual(
    Array.from({ length: 20 }, (_, n) => n),
  );
});

const none = createLatencyRecorder().take();
const second = (elapsedSeconds: number): JournalLine => ({
  kind: 'produced',
  elapsedSeconds,
  intervalSeconds: 1,
  worker: 'producer-0',
  intended: 0,
  sent: 0,
  acknowledged: 0,
  failed: 0,
  requests: 0,
  bytes: 0,
  latency: none,
  sendDelay: none,
  eventLoopUtilisation: 0,
  eventLoopDelayMaxSeconds: 0,
  cpuSeconds: 0,
});

/** Makes the next write store only its first half, as on a full disk. */
async function fillDiskOnce(beside: string): Promise<void> {
  await using handle = await open(beside, 'w');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  const { appendFile } = prototype;
  const write = vi.spyOn(prototype, 'appendFile').mockImplementationOnce(async function (this: FileHandle, data) {
    const bytes = data as Buffer;
    await appendFile.call(this, bytes.subarray(0, bytes.length / 2));
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  });
  onTestFinished(() => write.mockRestore());
}

test('lines that did not fit on a full disk are written by the next flush, so that the journal has no gap', async () => {
  const directory = await folder();
  const path = join(directory, 'journal.ndjson');
  {
    await using log = await openAppendLog<JournalLine>(path);
    for (let elapsed = 1; elapsed <= 4; elapsed++) {
      log.append(second(elapsed));
      if (elapsed === 2) await fillDiskOnce(join(directory, 'other'));
      const flushed = log.flush();
      if (elapsed === 2) await expect(flushed).rejects.toMatchObject({ code: 'no-space' });
      else await flushed;
    }
  }
  const fold = foldJournal(path, recordedDocument({ steps: [{ rate: 100, seconds: 10 }] }), {
    settleSeconds: 0,
    isLive: false,
  });
  let lines = 0;
  for await (const { line } of readJournalLines(path, { signal: new AbortController().signal })) {
    fold.add(++lines, line);
  }
  expect(lines).toBe(4);
});

test('an existing file is not written to', async () => {
  const path = join(await folder(), 'a.ndjson');
  await using first = await openAppendLog(path);
  await first.flush();
  await expect(openAppendLog(path)).rejects.toMatchObject({ code: 'run-exists' });
});

test('a device and a line without an end are not read as a journal', async () => {
  const read = (path: string) => Array.fromAsync(readJournalLines(path, { signal: AbortSignal.timeout(60_000) }));
  await expect(read('/dev/zero')).rejects.toThrow('it is a device or a pipe');
  const path = join(await folder(), 'journal.ndjson');
  await writeFile(path, Buffer.alloc(5 * 2 ** 20, 'x'));
  await expect(read(path)).rejects.toThrow('a line is longer than 4194304 bytes');
});
