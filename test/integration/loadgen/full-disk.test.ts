import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openAppendLog } from '../../../loadgen/record/bundle/append-log.ts';
import { requires } from '../../support/prerequisites.ts';

requires('root').test('a full disk is reported, and what was recorded before is intact', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'plimsoll-test', folder]);
  try {
    const path = join(folder, 'journal.ndjson');
    await using log = await openAppendLog<{ n: number; text: string }>(path);
    let flushed = 0;
    const fill = async () => {
      for (let n = 0; n < 100; n++) {
        log.append({ n, text: 'x'.repeat(3000) });
        await log.flush();
        flushed += 1;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'no-space', exitCode: 5 });
    const text = await readFile(path, 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { n: number }).n);
    expect(lines).toEqual(Array.from({ length: flushed }, (_, n) => n));
  } finally {
    execFileSync('umount', ['-l', folder]);
    await rm(folder, { recursive: true });
  }
});
