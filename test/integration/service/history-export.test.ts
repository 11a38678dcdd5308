import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { openHistory } from '../../../service/history/sqlite-history.ts';
import { annotation, operator } from '../../support/history-entries.ts';
import { main } from '../../support/plimsoll.ts';
import { fullMatrix } from '../../support/prerequisites.ts';

const entries = 100_000;
const note = 'x'.repeat(1000);

/** Uses one transaction: a sync per entry would take minutes. */
function fill(file: string): void {
  {
    using history = openHistory(file, { clock: systemClock });
    history.append(annotation(note), operator);
  }
  using database = new DatabaseSync(file);
  database.exec(`
    INSERT INTO entry (at_ms, kind, cluster, author, through, document)
    WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ${entries})
    SELECT at_ms, kind, cluster, author, through, document FROM n, (SELECT * FROM entry WHERE id = 1)`);
}

const mostMegabytes = (pid: number) =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const runs = () =>
  test(`${entries} entries are exported through a slow pipe with few of them in memory at once`, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-export-'));
    const file = join(folder.path, 'ledger.sqlite');
    fill(file);
    const words = [main, 'history', 'export', '--history-db', file];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close') as Promise<[number | null]>;
    let [lines, most] = [0, 0];
    for await (const chunk of child.stdout) {
      lines += (chunk as Buffer).toString('latin1').split('\n').length - 1;
      if (lines < 0.9 * entries) most = Math.max(most, mostMegabytes(child.pid as number));
      await delay(1);
    }
    expect((await ended)[0]).toBe(0);
    expect(lines).toBe(entries);
    // 133 MB with entries of twice the length, 828 MB without backpressure (2026-11-21).
    expect(most).toBeLessThan(250);
  });

if (fullMatrix) runs();
