import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openAppendLog } from '../../../../../loadgen/record/bundle/append-log.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'plimsoll-log-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('what was flushed is in the file, line by line, and what was not is not', async () => {
  const path = join(await folder(), 'a.ndjson');
  await using log = await openAppendLog<{ n: number }>(path);
  log.append({ n: 1 });
  log.append({ n: 2 });
  await log.flush();
  log.append({ n: 3 });
  expect(await readFile(path, 'utf8')).toBe('{"n":1}\n{"n":2}\n');
});

test('lines keep their order when flushes overlap', async () => {
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

test('a file that is there already is not written to', async () => {
  const path = join(await folder(), 'a.ndjson');
  await using first = await openAppendLog(path);
  await first.flush();
  await expect(openAppendLog(path)).rejects.toMatchObject({ code: 'run-exists' });
});
