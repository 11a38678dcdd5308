import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../../../core/clock.ts';
import { applicationId, migrations } from '../../../../service/history/open-database.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { lockHistory } from '../../../../service/history/writer-lock.ts';
import { keepsToTheLedger } from '../../../support/history-conformance.ts';
import { annotation, operator } from '../../../support/history-entries.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-ledger-'));
  file = join(folder, 'state', 'ledger.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

function ticking(): Clock {
  let ms = Date.parse('2026-11-21T00:00:00Z');
  return { now: () => new Date((ms += 1000) - 1000) } as Clock;
}
const open = (access: 'read' | 'write' = 'write') => openHistory(file, { clock: ticking(), access });

describe('the history on disk', () => keepsToTheLedger(open));

test('entries are there after reopening, and only the owner can read the file', () => {
  {
    using history = open();
    history.append(annotation('kept'), operator);
  }
  using again = open();
  expect(again.entries({ limit: 1 })[0]?.document).toEqual({ what: 'annotated', after: 'kept' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a command reads and adds entries while the service has the history open, and the service sees them', () => {
  using service = open();
  service.append(annotation('by the service'), operator);
  {
    using command = open();
    command.append(annotation('by a command'), { name: 'ann', through: 'cli' });
  }
  using reader = open('read');
  expect(reader.revision()).toBe(2);
  expect(service.entries({ limit: 1 })[0]?.by.through).toBe('cli');
  expect(() => reader.append(annotation('no'), operator)).toThrow(
    expect.objectContaining({ code: 'ledger-unwritable' }),
  );
});

test('a second service is refused until the first one ends', () => {
  using _ledger = open();
  {
    using _first = lockHistory(file);
    expect(() => lockHistory(file)).toThrow(
      expect.objectContaining({ code: 'ledger-in-use', message: `another service uses history file ${file}` }),
    );
  }
  using second = lockHistory(file);
  expect(second).toBeDefined();
});

test('entries cannot be changed or deleted, not even by hand in SQL', () => {
  using history = open();
  history.append(annotation('kept'), operator);
  using database = new DatabaseSync(file);
  expect(() => database.exec("UPDATE entry SET author = 'bob'")).toThrow(/never changed/);
  expect(() => database.exec('DELETE FROM entry')).toThrow(/entries but forecasts and alerts are never deleted/);
});

test('an append waits briefly for a lock held by another tool, then fails', () => {
  using history = open();
  history.append(annotation('before'), operator);
  using other = new DatabaseSync(file);
  other.exec('BEGIN EXCLUSIVE');
  expect(() => history.append(annotation('meanwhile'), operator)).toThrow(
    expect.objectContaining({ code: 'ledger-in-use' }),
  );
  expect(history.entries({ limit: 9 })).toHaveLength(1);
  other.exec('ROLLBACK');
  expect(history.append(annotation('after'), operator).id).toBe(2);
});

test('a full disk is reported, earlier entries stay intact, and reading still works', () => {
  using history = open();
  history.append(annotation('before'), operator);
  const text = 'x'.repeat(2000);
  // Simulates a disk with space for three more pages.
  const room = statSync(file).size + 3 * 4096;
  const fill = () => {
    for (let n = 0; n < 100; n++) history.append(annotation(text), operator);
  };
  history.limitBytes(room);
  expect(fill).toThrow(expect.objectContaining({ code: 'ledger-full', exitCode: 5 }));
  const count = history.entries({ limit: 500 }).length;
  expect(count).toBeGreaterThan(0);
  expect(history.revision()).toBe(count);
  history.limitBytes(4096 * 1_000_000);
  expect(history.append(annotation('after'), operator).id).toBe(count + 1);
});

test('several entries are added all together or not at all', () => {
  using history = open();
  expect(history.appendAll([annotation('a'), annotation('b')], operator).map(({ id }) => id)).toEqual([1, 2]);
  const more = [annotation('fits'), annotation('x'.repeat(100_000))];
  history.limitBytes(1);
  expect(() => history.appendAll(more, operator)).toThrow(expect.objectContaining({ code: 'ledger-full' }));
  expect(history.entries({ limit: 9 }).map(({ id }) => id)).toEqual([2, 1]);
  history.limitBytes(4096 * 1_000_000);
  expect(history.appendAll(more, operator)).toHaveLength(2);
  expect(history.revision()).toBe(4);
});

describe('files that are refused and left unchanged', () => {
  const bytesOf = () => readFileSync(file);
  const fill = () => {
    using history = open();
    for (let n = 0; n < 40; n++) history.append(annotation(`${n} ${'x'.repeat(1500)}`), operator);
  };
  const expectRefusal = (code: string) => {
    const before = bytesOf();
    expect(() => open()).toThrow(expect.objectContaining({ code }));
    expect(bytesOf().equals(before)).toBe(true);
  };

  test('a file that is not a database', () => {
    fill();
    writeFileSync(file, 'time,value\n'.repeat(100));
    expectRefusal('ledger-damaged');
  });

  test('a database of another program', () => {
    fill();
    rmSync(file);
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE theirs (x)');
    other.close();
    expectRefusal('ledger-damaged');
  });

  test('a history with overwritten pages', () => {
    fill();
    const bytes = bytesOf();
    bytes.fill(0x5a, 4096 * 6, 4096 * 9);
    writeFileSync(file, bytes);
    expectRefusal('ledger-damaged');
  });

  test('a truncated history', () => {
    fill();
    writeFileSync(file, bytesOf().subarray(0, 4096 * 5 + 100));
    expectRefusal('ledger-damaged');
  });

  test('a history of a newer version, even if an older copy exists', () => {
    fill();
    const newer = new DatabaseSync(file);
    newer.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    newer.close();
    copyFileSync(file, `${file}.copy`);
    expectRefusal('ledger-newer-schema');
  });
});

test('reading a history that does not exist does not create it', () => {
  expect(() => open('read')).toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('a history file carries the application id of this program', () => {
  open()[Symbol.dispose]();
  using database = new DatabaseSync(file);
  expect(database.prepare('PRAGMA application_id').get()).toEqual({ application_id: applicationId });
});
