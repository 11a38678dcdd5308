import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readText } from '../../../hosts/read-text.ts';

test('texts read at once do not mix, also longer than a buffer, with characters across chunks and after an abort', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-read-'));
  const texts = Array.from({ length: 100 }, (_, index) => `${index}${'€'.repeat(index * 3001)}${index}`);
  const paths = texts.map((_, index) => join(folder.path, String(index)));
  await Promise.all(texts.map((text, index) => writeFile(paths[index]!, text)));
  const readAll = (signal: AbortSignal) => Promise.allSettled(paths.map((path) => readText(path, { signal })));
  const given = new AbortController();
  const abandoned = readAll(given.signal);
  setImmediate(() => given.abort());
  const outcomes = await readAll(new AbortController().signal);
  await abandoned;
  const wrong = outcomes.flatMap((outcome, index) =>
    outcome.status === 'fulfilled' && outcome.value === texts[index] ? [] : [index],
  );
  expect(wrong).toEqual([]);
});
