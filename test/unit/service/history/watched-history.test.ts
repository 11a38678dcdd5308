import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { HistoryEntry, NewHistoryEntry } from '../../../../core/documents/history-entry.ts';
import { onceFree } from '../../../../service/history/once-free.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { watchHistory } from '../../../../service/history/watched-history.ts';
import { fencedHistory } from '../../../../service/leadership/fenced-history.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { annotation, fillHistory, operator } from '../../../support/history-entries.ts';

const forecast: NewHistoryEntry = {
  kind: 'forecast',
  cluster: 'orders',
  document: {
    horizonEndsAt: '2026-12-01T00:00:00.000Z',
    peak: { tps: 9, low: 8, high: 10, at: '2026-11-30T00:00:00.000Z', confidence: 0.8 },
    points: [{ at: '2026-11-30T00:00:00.000Z', tps: 9 }],
    chosen: 'x'.repeat(100_000),
  },
};

/** Opens the history of a pair's leader after a first entry. */
function opened() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-watched-'));
  const file = join(folder, 'ledger.sqlite');
  const clock = createHandClock();
  const history = openHistory(file, { clock, journal: 'delete' });
  onTestFinished(() => {
    history[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  const heard: HistoryEntry[] = [];
  const watched = watchHistory(history, clock, (entry) => void heard.push(entry));
  const terms = history.terms();
  let term = terms.claim(0, 'ops-1');
  const leadership = { term: () => term, inheritedUpTo: () => 0 };
  const written = watched.watch(fencedHistory(history, leadership, terms));
  written.append(annotation('before'), operator);
  return { file, clock, history, watched, written, heard, follow: () => (term = undefined) };
}

test('an entry that cannot be committed while another process reads counts as a failure and sends no notification', async () => {
  const { file, clock, history, watched, written, heard } = opened();
  const { lastEntryAt } = watched.health();
  clock.advance(60);
  using reader = new DatabaseSync(file, { readOnly: true });
  const rows = reader.prepare('SELECT id FROM entry').iterate();
  rows.next();
  const inUse = expect.objectContaining({ code: 'ledger-in-use' }) as Error;
  expect(() => written.append(annotation('verdict'), operator)).toThrow(inUse);
  expect(watched.health()).toMatchObject({ isWritable: false, failures: 1, lastEntryAt });
  expect([heard, history.entries({ limit: 9 })]).toMatchObject([[{ id: 1 }], [{ id: 1 }]]);
  // The other reader ends before the third attempt.
  let attempts = 0;
  const record = () => {
    if (++attempts === 3) rows.return?.();
    return written.append(annotation('verdict'), operator);
  };
  expect(await onceFree(record, { clock, signal: new AbortController().signal })).toMatchObject({ id: 2 });
  expect([attempts, heard.length]).toEqual([3, 2]);
  expect(watched.health()).toMatchObject({ isWritable: true, failures: 3, lastEntryAt: clock.now() });
});

test('a forecast refused by the quota and a write after a change of leader leave the history writable', () => {
  const { watched, written, follow } = opened();
  watched.history.limitBytes(1024 * 1024);
  const fill = () => {
    for (;;) written.append(forecast, operator);
  };
  expect(fill).toThrow(expect.objectContaining({ code: 'ledger-full', message: expect.stringContaining('90%') }));
  expect(watched.health()).toMatchObject({ isWritable: true, failures: 0 });
  follow();
  expect(() => written.append(annotation('late'), operator)).toThrow(
    expect.objectContaining({ code: 'leadership-lost' }),
  );
  expect(watched.health()).toMatchObject({ isWritable: true, failures: 0 });
});

test('a former leader whose disk was full reports a writable history once there is space again', () => {
  const { clock, history, watched, written, follow } = opened();
  fillHistory(written);
  follow();
  for (let minute = 0; minute < 3; minute++) {
    clock.advance(61);
    expect(() => written.append(annotation('late'), operator)).toThrow(
      expect.objectContaining({ code: 'leadership-lost' }),
    );
    expect(watched.health()).toMatchObject({ isWritable: false, failures: 1 });
  }
  const before = [history.revision(), history.terms().now()];
  history.limitBytes(64 * 1024 * 1024);
  clock.advance(61);
  expect(watched.health()).toMatchObject({ isWritable: true, failures: 1 });
  expect([history.revision(), history.terms().now()]).toEqual(before);
});
