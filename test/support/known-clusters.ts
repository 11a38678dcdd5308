// Fills a history with a verdict, a forecast and a grade of a cluster.

import type { Author } from '../../core/documents/history-entry.ts';
import type { History } from '../../service/history/history.ts';
import { readAnalysis } from './analyses.ts';

const author: Author = { name: 'plimsoll', through: 'schedule' };
const hourMs = 3_600_000;

export function fillLedger(history: Pick<History, 'append'>, cluster: string, nowMs = Date.now()): void {
  const moment = (hours: number) => new Date(nowMs + hours * hourMs).toISOString();
  const analysis = readAnalysis('load-test');
  const { id } = history.append(
    {
      kind: 'test',
      cluster,
      document: {
        ...analysis,
        run: { ...analysis.run, cluster, startedAt: moment(-2) },
        binding: [
          { limitedBy: { resource: 'network-out', node: '1' }, probability: 0.7 },
          { limitedBy: { resource: 'cpu', node: '1' }, probability: 0.3 },
        ],
        withoutOne: [{ lost: 'broker', id: '1', tps: 12_000, limitedBy: { resource: 'network-out', node: '2' } }],
      },
    },
    author,
  );
  const points = Array.from({ length: 48 }, (_, hour) => ({
    at: moment(hour - 1),
    tps: 20_000 + 1000 * hour,
    low: 18_000 + 1000 * hour,
    high: 22_000 + 1000 * hour,
  }));
  history.append(
    {
      kind: 'forecast',
      cluster,
      document: {
        horizonEndsAt: moment(47),
        peak: { tps: 67_000, low: 65_000, high: 69_000, at: moment(46), confidence: 0.8 },
        points,
        chosen: 'seasonal',
      },
    },
    author,
  );
  history.append(
    {
      kind: 'grade',
      cluster,
      document: {
        of: id,
        event: 'natural-peak',
        startedAt: moment(-2),
        endedAt: moment(-1),
        predicted: { value: 22_000, low: 21_000, unit: 'messages per second' },
        actual: 20_000,
        held: true,
      },
    },
    author,
  );
}
