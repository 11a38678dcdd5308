import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../../../core/clock.ts';
import { backUpHistory, checkLedger } from '../../../../service/history/backup.ts';
import { restoreHistory } from '../../../../service/history/restore.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { lockHistory } from '../../../../service/history/writer-lock.ts';
import { annotation, operator } from '../../../support/history-entries.ts';

let folder: string;
let file: string;
let backup: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-backup-'));
  [file, backup] = [join(folder, 'ledger.sqlite'), join(folder, 'backup.sqlite')];
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock = { now: () => new Date('2026-11-21T00:00:00Z') } as Clock;
const restore = () => restoreHistory(file, backup, { clock, by: operator });
const texts = (at: string) => {
  using history = openHistory(at, { clock, access: 'read' });
  return Array.from(history.all(), ({ document }) => (document as { what: string; after?: string }).after);
};
function written(...notes: string[]): void {
  using history = openHistory(file, { clock });
  for (const note of notes) history.append(annotation(note), operator);
}

test('a backup is complete while the service keeps writing, and a restore replaces the history with it', () => {
  {
    using service = openHistory(file, { clock });
    using _lock = lockHistory(file);
    service.append(annotation('before'), operator);
    expect(backUpHistory(file, backup)).toEqual({ entries: 1, lastAt: clock.now() });
    service.append(annotation('after'), operator);
    expect(texts(backup)).toEqual(['before']);
    const hint = 'stop the service, run the command again, and start it';
    expect(restore).toThrow(expect.objectContaining({ code: 'ledger-in-use', hint }));
  }
  const { setAside = '', entries } = restore();
  expect(entries).toBe(1);
  expect(texts(file)).toEqual(['before', backup]);
  expect(texts(setAside)).toEqual(['before', 'after']);
});

test('a backup, and a history restored from a world-readable one, are readable by their owner only', () => {
  written('kept');
  backUpHistory(file, backup);
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  chmodSync(backup, 0o644);
  restore();
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.runIf(process.getuid?.() === 0)('a history restored by root belongs to the user of the service', () => {
  const service = 61_999;
  const others = () => readdirSync(folder).filter((name) => !name.startsWith('backup.sqlite'));
  const owners = () => new Set(others().map((name) => statSync(join(folder, name)).uid));
  written('kept');
  backUpHistory(file, backup);
  for (const path of [folder, ...others().map((name) => join(folder, name))]) chownSync(path, service, service);
  restore();
  expect(owners()).toEqual(new Set([service]));
  chownSync(file, 0, 0);
  restore();
  expect(statSync(file).uid).toBe(service);
  for (const name of others()) rmSync(join(folder, name));
  restore();
  expect(others().sort()).toEqual(['ledger.sqlite', 'ledger.sqlite-service']);
  expect(owners()).toEqual(new Set([service]));
});

test('a restore keeps a damaged history unchanged under another name', () => {
  written('kept');
  backUpHistory(file, backup);
  const damaged = Buffer.from('no database at all'.repeat(300));
  writeFileSync(file, damaged);
  const { setAside = '' } = restore();
  expect(readFileSync(setAside).equals(damaged)).toBe(true);
  expect(texts(file)).toEqual(['kept', backup]);
});

test('a restore without an existing history sets nothing aside', () => {
  written('kept');
  backUpHistory(file, backup);
  for (const name of readdirSync(folder)) if (name !== 'backup.sqlite') rmSync(join(folder, name));
  expect(restore()).not.toHaveProperty('setAside');
});

test('a file that is not a backup is refused with a hint', () => {
  written('kept');
  writeFileSync(backup, 'clusters: {}\n'.repeat(100));
  expect(restore).toThrow(
    expect.objectContaining({
      code: 'ledger-damaged',
      message: expect.stringMatching(/is not an intact backup of a history: .*: file is not a database$/) as string,
      hint: 'nothing was changed: give a file that `plimsoll history backup` wrote',
    }),
  );
  expect(texts(file)).toEqual(['kept']);
});

test('a pipe, which would block the process, is not a backup', () => {
  execFileSync('mkfifo', [backup]);
  expect(() => checkLedger(backup)).toThrow(`history file ${backup} is a pipe`);
});

test('an empty file is neither a backup nor a history', () => {
  written('kept');
  writeFileSync(backup, '');
  const reason = `history file ${backup} is empty`;
  expect(restore).toThrow(
    expect.objectContaining({
      code: 'ledger-damaged',
      message: `${backup} is not an intact backup of a history: ${reason}`,
    }),
  );
  expect(texts(file)).toEqual(['kept']);
  expect(() => texts(backup)).toThrow(reason);
  expect(() => backUpHistory(backup, join(folder, 'copy.sqlite'))).toThrow(reason);
  expect(readdirSync(folder)).not.toContain('copy.sqlite');
});

test('a damaged or missing backup changes nothing', () => {
  written('kept');
  backUpHistory(file, backup);
  const bytes = readFileSync(backup);
  bytes.fill(0x5a, 4096, 3 * 4096);
  writeFileSync(backup, bytes);
  expect(restore).toThrow(expect.objectContaining({ code: 'ledger-damaged' }));
  rmSync(backup);
  expect(restore).toThrow(expect.objectContaining({ code: 'not-found' }));
  expect(texts(file)).toEqual(['kept']);
});

test('files left by a killed backup or restore are removed by the next one', () => {
  written('kept');
  const left = [file, backup].map((path) => `${path}.4711-1.new`);
  for (const path of left) {
    writeFileSync(path, 'half');
    utimesSync(path, 0, 0);
  }
  backUpHistory(file, backup);
  restore();
  expect(left.filter((path) => existsSync(path))).toEqual([]);
});

test('a failed backup keeps the previous backup and leaves no partial file', () => {
  written('kept');
  backUpHistory(file, backup);
  writeFileSync(file, 'no database at all'.repeat(300));
  expect(() => backUpHistory(file, backup)).toThrow(expect.objectContaining({ code: 'ledger-damaged' }));
  expect(checkLedger(backup).entries).toBe(1);
  expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  expect(existsSync(file)).toBe(true);
});

test('an error about an unwritable backup names the folder of the backup, not that of the history', () => {
  written('kept');
  const missing = join(folder, 'mounted', 'backups');
  expect(() => backUpHistory(file, join(missing, 'backup.sqlite'))).toThrow(
    expect.objectContaining({
      code: 'ledger-unwritable',
      hint: expect.stringContaining(`check that the folder ${missing} of the backup exists`) as string,
    }),
  );
  expect(() => backUpHistory(join(missing, 'ledger.sqlite'), backup)).toThrow(
    expect.objectContaining({ code: 'not-found', hint: expect.stringContaining('--history-db') as string }),
  );
});

test('a backup that is still open is restored including its write-ahead log', () => {
  using writer = openHistory(backup, { clock });
  writer.append(annotation('recent'), operator);
  expect(restore().entries).toBe(1);
  expect(texts(file)).toEqual(['recent', backup]);
});

/** Leaves the journal of a pair's instance that was killed in a transaction larger than its page cache. */
function leaveHotJournal(): void {
  const parts = [file, `${file}-journal`];
  {
    using writer = new DatabaseSync(file);
    const columns = 'at_ms, kind, cluster, author, through';
    writer.exec(`PRAGMA cache_size = 1; BEGIN; INSERT INTO entry (${columns}, document)
      SELECT ${columns}, json_object('what', 'annotated', 'after', hex(randomblob(500000))) FROM entry`);
    for (const part of parts) copyFileSync(part, `${part}.killed`);
  }
  for (const part of parts) renameSync(`${part}.killed`, part);
}

test('the journal of a killed writer is set aside with its history and not rolled back into the backup', () => {
  openHistory(file, { clock, journal: 'delete' })[Symbol.dispose]();
  written('kept');
  backUpHistory(file, backup);
  written('later');
  leaveHotJournal();
  const { setAside = '' } = restore();
  expect(texts(file)).toEqual(['kept', backup]);
  expect(existsSync(`${setAside}-journal`)).toBe(true);
  openHistory(setAside, { clock })[Symbol.dispose]();
  expect(texts(setAside)).toEqual(['kept', 'later']);
});
