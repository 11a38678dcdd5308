import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../../../core/clock.ts';
import { applicationId, migrations } from '../../../../service/history/migrations.ts';
import { lockHistory, openHistory } from '../../../../service/history/sqlite-history.ts';
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

describe('the ledger on disk', () => keepsToTheLedger(open));

test('is there again when it is opened again, and only its owner may read it', () => {
  {
    using history = open();
    history.append(annotation('kept'), operator);
  }
  using again = open();
  expect(again.entries({ limit: 1 })[0]?.document).toEqual({ what: 'annotated', after: 'kept' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a command reads and adds while the service has it open, and the service sees what came', () => {
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

test('one service at a time: a second one is refused until the first is gone', () => {
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

test('entries are neither changed nor deleted, not even by hand', () => {
  using history = open();
  history.append(annotation('kept'), operator);
  using database = new DatabaseSync(file);
  expect(() => database.exec("UPDATE entry SET author = 'bob'")).toThrow(/never changed/);
  expect(() => database.exec('DELETE FROM entry')).toThrow(/entries but forecasts and alerts are never deleted/);
});

test('a history locked by another tool is waited for briefly, then reported', () => {
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

test('a full disk is reported, what was written is intact, and reading goes on', () => {
  using history = open();
  history.append(annotation('before'), operator);
  const text = 'x'.repeat(2000);
  // As a disk with room for three pages more.
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

test('of several entries all are added, or none', () => {
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

describe('what is not written over', () => {
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

  test('a file that is no database', () => {
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

  test('a ledger with a page overwritten', () => {
    fill();
    const bytes = bytesOf();
    bytes.fill(0x5a, 4096 * 6, 4096 * 9);
    writeFileSync(file, bytes);
    expectRefusal('ledger-damaged');
  });

  test('a ledger cut off', () => {
    fill();
    writeFileSync(file, bytesOf().subarray(0, 4096 * 5 + 100));
    expectRefusal('ledger-damaged');
  });

  test('a ledger of a newer version, which an older copy does not hide', () => {
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

test('a file says which program it is of', () => {
  open()[Symbol.dispose]();
  using database = new DatabaseSync(file);
  expect(database.prepare('PRAGMA application_id').get()).toEqual({ application_id: applicationId });
});
