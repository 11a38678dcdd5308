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
import { lockHistory, openHistory } from '../../../../service/history/sqlite-history.ts';
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

test('a copy is whole while the service goes on writing, and takes the place of the ledger later', () => {
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

test('a backup, and a ledger that was restored from one that others may read, are for their owner alone', () => {
  written('kept');
  backUpHistory(file, backup);
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  chmodSync(backup, 0o644);
  restore();
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.runIf(process.getuid?.() === 0)('what root restores belongs to the user of the service', () => {
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

test('a damaged ledger is set aside as it is', () => {
  written('kept');
  backUpHistory(file, backup);
  const damaged = Buffer.from('no database at all'.repeat(300));
  writeFileSync(file, damaged);
  const { setAside = '' } = restore();
  expect(readFileSync(setAside).equals(damaged)).toBe(true);
  expect(texts(file)).toEqual(['kept', backup]);
});

test('where there was no ledger nothing is set aside', () => {
  written('kept');
  backUpHistory(file, backup);
  for (const name of readdirSync(folder)) if (name !== 'backup.sqlite') rmSync(join(folder, name));
  expect(restore()).not.toHaveProperty('setAside');
});

test('a file that is no backup is refused with a hint to take one', () => {
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

test('a damaged backup changes nothing', () => {
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

test('what a backup or a restore that was killed left is removed by the next one', () => {
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

test('a backup that cannot be written leaves the one of before, and no half of a new one', () => {
  written('kept');
  backUpHistory(file, backup);
  writeFileSync(file, 'no database at all'.repeat(300));
  expect(() => backUpHistory(file, backup)).toThrow(expect.objectContaining({ code: 'ledger-damaged' }));
  expect(checkLedger(backup).entries).toBe(1);
  expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  expect(existsSync(file)).toBe(true);
});

test('a backup that cannot be written where it should be names its own folder, not that of the history', () => {
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

test('a backup that is still being written is restored with what only its write-ahead log has', () => {
  using writer = openHistory(backup, { clock });
  writer.append(annotation('recent'), operator);
  expect(restore().entries).toBe(1);
  expect(texts(file)).toEqual(['recent', backup]);
});

/** As one of a pair leaves it that was killed in a transaction with more pages than its cache has. */
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

test('the journal of a killed writer is set aside with its ledger, and not rolled back into the backup', () => {
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
