// Collects the history of each consumer group from a load test or from production.

import { largest } from '../../../../core/statistics/statistics.ts';
import type { LoadTestRun, Span } from '../../../evidence/load-test-run.ts';
import type { SourceTelemetry } from '../../../evidence/sources/source-telemetry.ts';
import type { GroupHistory } from './episodes.ts';

export function productionGroups({ lag, commits = [] }: Pick<SourceTelemetry, 'lag' | 'commits'>): GroupHistory[] {
  const groups = new Set([...lag, ...commits].map(({ group }) => group));
  return [...groups].sort().map((group) => ({
    group,
    lag: lag.filter((sample) => sample.group === group),
    commits: commits.filter((interval) => interval.group === group),
  }));
}

/** Workers report every second; bins of 2 s still give several rates for a group that catches up in 15 s. */
const binSeconds = 2;

/** Without broker figures, lag is produced minus consumed messages, assuming one topic that every group reads. */
export function loadTestGroups({
  consumed,
  produced,
  lag,
}: Pick<LoadTestRun, 'consumed' | 'produced' | 'lag'>): GroupHistory[] {
  const groups = new Set(consumed.map(({ group }) => group));
  const sent = binned(produced, ({ acknowledged }) => acknowledged);
  return [...groups].sort().map((group) => {
    const taken = binned(
      consumed.filter((line) => line.group === group),
      ({ messages }) => messages,
    );
    const reported = lag.filter((sample) => sample.group === group);
    const last = largest([...taken.keys(), ...sent.keys()]) ?? -1;
    const bins = Array.from({ length: last + 1 }, (_, bin) => bin);
    let difference = 0;
    const computed = bins.map((bin) => {
      difference += (sent.get(bin) ?? 0) - (taken.get(bin) ?? 0);
      return { elapsedSeconds: (bin + 1) * binSeconds, messages: Math.max(0, difference) };
    });
    return {
      group,
      lag: reported.length > 0 ? reported : computed,
      commits: bins.map((bin) => ({
        from: bin * binSeconds,
        to: (bin + 1) * binSeconds,
        messagesPerSecond: (taken.get(bin) ?? 0) / binSeconds,
      })),
    };
  });
}

function binned<T extends Span>(lines: readonly T[], count: (line: T) => number): Map<number, number> {
  const bins = new Map<number, number>();
  for (const line of lines) {
    const bin = Math.floor((line.from + line.to) / 2 / binSeconds);
    bins.set(bin, (bins.get(bin) ?? 0) + count(line));
  }
  return bins;
}
