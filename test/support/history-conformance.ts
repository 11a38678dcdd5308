// Checks an implementation of the history.

import { expect, test } from 'vitest';
import type { SafeMaxTps } from '../../core/documents/analysis.ts';
import type { History } from '../../service/history/history.ts';
import { readAnalysis } from './analyses.ts';
import { annotation, fillHistory, operator } from './history-entries.ts';

/** @param open an empty history whose clock advances by a second with each entry, from 2026-11-21T00:00:00Z */
export function keepsToTheLedger(open: () => History): void {
  test('what is appended is reported again, with id, time and author', () => {
    using history = open();
    const written = history.append(
      { kind: 'test', cluster: 'orders', domain: 'shop', why: '为了双十一', document: readAnalysis('load-test') },
      operator,
    );
    expect(written).toMatchObject({ id: 1, at: '2026-11-21T00:00:00.000Z', by: operator, kind: 'test' });
    expect(history.entry(1)).toEqual(written);
    expect(history.entry(2)).toBeUndefined();
  });

  test('newest first, and only what was asked for', () => {
    using history = open();
    for (const [index, cluster] of ['orders', 'pay', 'orders', 'orders'].entries()) {
      history.append(annotation(`n${index + 1}`, { cluster }), operator);
    }
    history.append({ kind: 'verdict', cluster: 'orders', document: readAnalysis('readings') }, operator);
    const idsOf = (query: Parameters<History['entries']>[0]) => history.entries(query).map(({ id }) => id);
    expect(idsOf({ limit: 10 })).toEqual([5, 4, 3, 2, 1]);
    expect(idsOf({ limit: 2, beforeId: 4 })).toEqual([3, 2]);
    expect(idsOf({ limit: 10, afterId: 3 })).toEqual([5, 4]);
    expect(idsOf({ limit: 10, cluster: 'orders', kinds: ['change'] })).toEqual([4, 3, 1]);
    expect(idsOf({ limit: 10, kinds: [] })).toEqual([]);
    const { kind } = readAnalysis('readings').safeMaxTps;
    expect(idsOf({ limit: 10, cluster: 'orders', safeMaxKinds: ['unknown', kind] })).toEqual([5]);
    expect(idsOf({ limit: 10, safeMaxKinds: ['unknown'] })).toEqual([]);
    const second = (n: number) => Date.parse('2026-11-21T00:00:00Z') + n * 1000;
    expect(idsOf({ limit: 10, sinceMs: second(1), untilMs: second(3) })).toEqual([3, 2]);
    const ceiling = { tps: 65_000, suspects: [], decidedBy: 'host metrics of broker 1' };
    const safeMaxTps: SafeMaxTps = { kind: 'at-least', tps: 58_000, reason: 'limit-cause-unknown', ceiling };
    const document = { ...readAnalysis('readings'), safeMaxTps };
    history.append({ kind: 'verdict', cluster: 'orders', document }, operator);
    expect(idsOf({ limit: 10, safeMaxKinds: ['limit-cause-unknown'] })).toEqual([6]);
    expect(idsOf({ limit: 10, safeMaxKinds: ['at-least'] })).toEqual([]);
  });

  test('the latest of a kind, and none of an unknown cluster', () => {
    using history = open();
    history.append({ kind: 'test', cluster: 'orders', document: readAnalysis('load-test') }, operator);
    history.append({ kind: 'verdict', cluster: 'orders', document: readAnalysis('readings') }, operator);
    history.append(annotation('later'), operator);
    expect(history.latest('orders', ['test', 'verdict'])?.id).toBe(2);
    expect(history.latest('orders', ['test'])?.id).toBe(1);
    expect(history.latest('nobody', ['test'])).toBeUndefined();
  });

  test('the revision rises with every entry', () => {
    using history = open();
    const revisions = [history.revision()];
    for (const text of ['a', 'b']) {
      history.append(annotation(text), operator);
      revisions.push(history.revision());
    }
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    expect(new Set(revisions).size).toBe(3);
  });

  test('a test write changes no entry, and is refused where an entry does not fit', () => {
    using history = open();
    history.append(annotation('kept'), operator);
    const before = [history.revision(), history.entries({ limit: 9 })];
    history.testWrite(1000);
    expect([history.revision(), history.entries({ limit: 9 })]).toEqual(before);
    fillHistory(history);
    expect(() => history.testWrite(1000)).toThrow(expect.objectContaining({ code: 'ledger-full' }));
    history.limitBytes(64 * 1024 * 1024);
    history.testWrite(1000);
  });

  test('hostile names come back as they were, and change nothing', () => {
    using history = open();
    for (const cluster of ["x'); DROP TABLE entry;--", '<script>', '‮gro', '"', 'a'.repeat(249)]) {
      history.append(annotation(cluster, { cluster }), operator);
      expect(history.entries({ cluster, limit: 9 }).map((entry) => entry.cluster)).toEqual([cluster]);
    }
    expect(history.entries({ limit: 9 })).toHaveLength(5);
  });
}
