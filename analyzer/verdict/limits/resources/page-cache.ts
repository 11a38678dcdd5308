// Assesses the page cache: how much of the log memory holds, against the observed lag of consumers.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { largest } from '../../../../core/statistics/statistics.ts';
import type { NodeSeries, ObservedStep, SymptomModel } from './model.ts';
import { useOf } from './use.ts';

interface HotWindow {
  seconds: number;
  cacheBytes: number;
  bytesPerSecond: number;
}

/**
 * The page cache holds at most the memory that no process uses, W = (RAM − heap − direct − other) / bytes written per
 * second, so older data has left memory for certain; for RocketMQ also 0.4 · RAM. Reading it takes disk time and evicts
 * newer pages: producers are affected, too.
 */
export const pageCache: SymptomModel = (steps, series) =>
  steps.flatMap((observed) => {
    const window = hotWindow(observed, series);
    const late = window && furthestBehind(observed);
    return late && late.seconds > window.seconds ? [catchUpFinding(observed, series, window, late)] : [];
  });

/** @returns undefined where memory or disk of the step was not read, or nothing was written */
export function hotWindow(observed: ObservedStep, { software }: NodeSeries): HotWindow | undefined {
  const free = useOf(observed, ({ memory }) => memory && memory.totalBytes - memory.usedBytes)?.mean;
  const total = useOf(observed, ({ memory }) => memory?.totalBytes)?.mean;
  const written = useOf(observed, ({ disks }) =>
    disks && disks.length > 0
      ? Math.max(...disks.map(({ writtenBytesPerSecond }) => writtenBytesPerSecond))
      : undefined,
  )?.mean;
  if (free === undefined || total === undefined || written === undefined || written === 0) return undefined;
  const { residentShare = 1 } = traitsOf(software)?.memory ?? {};
  const cacheBytes = Math.min(free, residentShare * total);
  return { seconds: cacheBytes / written, cacheBytes, bytesPerSecond: written };
}

function furthestBehind({ step }: ObservedStep): { group: string; seconds: number } | undefined {
  if (!(step.tps > 0)) return undefined;
  return step.groups
    .map(({ group, lag }) => ({ group, seconds: Math.max(0, largest(lag) ?? 0) / step.tps }))
    .toSorted((a, b) => b.seconds - a.seconds)[0];
}

function catchUpFinding(
  { step }: ObservedStep,
  { node }: NodeSeries,
  window: HotWindow,
  late: { group: string; seconds: number },
): Finding {
  return findingOf('catch-up-reads', {
    node,
    tps: step.tps,
    group: late.group,
    behindSeconds: late.seconds,
    cachedSeconds: window.seconds,
    cacheBytes: window.cacheBytes,
    writtenBytes: window.bytesPerSecond,
  });
}
