import { expect, test } from 'vitest';
import type { Analysis } from '../../../../../core/documents/analysis.ts';
import type { HistoryEntry } from '../../../../../core/documents/history-entry.ts';
import { historyCsv } from '../../../../../dashboards/web/entries/history-csv.ts';
import { readAnalysis } from '../../../../support/analyses.ts';

test('a verdict is a line with its safe maximum, and an unknown value is an empty cell', () => {
  const csv = historyCsv([
    {
      id: 7,
      at: '2026-11-10T12:00:00.000Z',
      by: { name: '=anna', through: 'cli' },
      kind: 'test',
      cluster: 'orders',
      document: readAnalysis('load-test'),
    },
  ]);
  const [header, line, end] = csv.split('\r\n');
  expect(header).toBe('\uFEFFid,at,kind,cluster,domain,author,through,safe_max_tps,safe_max_kind,without,why,evidence');
  expect(line).toMatch(/^7,2026-11-10T12:00:00\.000Z,test,orders,,'=anna,cli,\d+(\.\d+)?,predicted,,,$/);
  expect(end).toBe('');
});

test('an at-least, an observed maximum and a maximum with brokers down are marked', () => {
  const limited = readAnalysis('generator-limited');
  const atLeast = { kind: 'at-least', tps: 10_000, reason: 'limit-cause-unknown' } as const;
  const ceiling = { tps: 12_000, suspects: [], decidedBy: 'disk metrics' };
  const documents: readonly Analysis[] = [
    limited,
    { ...limited, safeMaxTps: { ...atLeast, ceiling } },
    // The reading was at 70,000 msg/s; the policy reduces it.
    readAnalysis('readings'),
    { ...readAnalysis('load-test'), degraded: { lost: ['2', '3'], waitedSeconds: 3, copies: 1 } },
  ];
  const csv = historyCsv(
    documents.map((document, index): HistoryEntry => ({
      id: index + 1,
      at: '2026-11-10T12:00:00.000Z',
      by: { name: 'anna', through: 'cli' },
      kind: 'test',
      document,
    })),
  );
  const cells = csv.split('\r\n').map((line) => line.split(',').slice(7, 10));
  expect(cells.slice(1, 5)).toEqual([
    ['10000', 'at-least', ''],
    ['10000', 'limit-cause-unknown', ''],
    ['56000', 'observed', ''],
    ['21841', 'predicted', '2 3'],
  ]);
});
