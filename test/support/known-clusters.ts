// Fills a history with a verdict, a forecast and a grade of a cluster, for a chosen safe maximum.

import type { Author } from '../../core/documents/history-entry.ts';
import type { History } from '../../service/history/history.ts';
import { readAnalysis } from './analyses.ts';

const author: Author = { name: 'plimsoll', through: 'schedule' };
const hourMs = 3_600_000;
/** Safe maximum of the recorded analysis. */
const recordedSafeMaxTps = 21_841;

/** @param safeMaxTps the lower bound; all other rates are scaled in proportion */
export function fillLedger(
  history: Pick<History, 'append'>,
  cluster: string,
  { nowMs = Date.now(), safeMaxTps = recordedSafeMaxTps } = {},
): void {
  const moment = (hours: number) => new Date(nowMs + hours * hourMs).toISOString();
  const rate = (tps: number) => Math.round((tps * safeMaxTps) / recordedSafeMaxTps);
  const analysis = readAnalysis('load-test');
  const { safeMaxTps: safe } = analysis;
  if (safe.kind !== 'predicted' || safe.estimateTps === undefined) throw new Error('the recorded analysis predicts');
  const { low, high } = safe.interval;
  if (low === undefined || high === undefined) throw new Error('the recorded interval has two ends');
  const { id } = history.append(
    {
      kind: 'test',
      cluster,
      document: {
        ...analysis,
        run: { ...analysis.run, cluster, startedAt: moment(-2) },
        safeMaxTps: {
          ...safe,
          tps: rate(safe.tps),
          estimateTps: rate(safe.estimateTps),
          interval: { ...safe.interval, low: rate(low), high: rate(high) },
        },
        binding: [
          { limitedBy: { resource: 'network-out', node: '1' }, probability: 0.7 },
          { limitedBy: { resource: 'cpu', node: '1' }, probability: 0.3 },
        ],
        withoutOne: [{ lost: 'broker', id: '1', tps: rate(12_000), limitedBy: { resource: 'network-out', node: '2' } }],
      },
    },
    author,
  );
  const points = Array.from({ length: 48 }, (_, hour) => ({
    at: moment(hour - 1),
    tps: rate(20_000 + 1000 * hour),
    low: rate(18_000 + 1000 * hour),
    high: rate(22_000 + 1000 * hour),
  }));
  history.append(
    {
      kind: 'forecast',
      cluster,
      document: {
        horizonEndsAt: moment(47),
        peak: { tps: rate(67_000), low: rate(65_000), high: rate(69_000), at: moment(46), confidence: 0.8 },
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
        predicted: { value: rate(22_000), low: rate(21_000), unit: 'messages per second' },
        actual: rate(20_000),
        held: true,
      },
    },
    author,
  );
}
