import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fullMatrix } from '../../support/prerequisites.ts';

const writer = fileURLToPath(new URL('../../support/history-writer.ts', import.meta.url));
const kills = fullMatrix ? 50 : 10;

/** @returns the last confirmed entry before the writer was killed */
async function killAmidWrites(file: string, afterEntries: number): Promise<number> {
  const child = spawn(process.execPath, [writer, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    // Kills without synchronization, at any point of a write.
    if (told.split('\n').length > afterEntries) child.kill('SIGKILL');
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return Number(told.trimEnd().split('\n').at(-1));
}

test(`a history whose writer is killed ${kills} times keeps all confirmed entries`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-killed-'));
  const file = join(folder, 'ledger.sqlite');
  try {
    let kept = 0;
    for (let kill = 0; kill < kills; kill++) {
      const told = await killAmidWrites(file, 1 + ((kill * 7) % 23));
      using database = new DatabaseSync(file);
      expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
      const { n, last } = database.prepare('SELECT count(*) AS n, max(id) AS last FROM entry').get() as {
        n: number;
        last: number;
      };
      // The entry in progress: written but not yet confirmed.
      expect(last - told, 'entries that were written and not told').toBeOneOf([0, 1]);
      expect(n).toBe(last);
      expect(last).toBeGreaterThan(kept);
      kept = last;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
