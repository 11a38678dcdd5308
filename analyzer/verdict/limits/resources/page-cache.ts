// Assesses the page cache: compares the part of the log that memory holds with the observed lag of consumers.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { largest } from '../../../../core/statistics/statistics.ts';
import type { NodeSeries, ObservedStep, SymptomModel } from './model.ts';
import { meanUseOf } from './use.ts';

/**
 * The page cache holds at most the memory that no process uses: W = (RAM − heap − direct − other) / bytes written per
 * second, so older data is certainly not cached; for RocketMQ also 0.4 · RAM. Reading it takes disk time and evicts
 * newer pages, so producers are affected, too.
 */
export const pageCache: SymptomModel = (steps, series) =>
  steps.flatMap((observed) => {
    const window = hotWindow(observed, series);
    const late = window && furthestBehind(observed);
    return late && late.behindSeconds > window.cachedSeconds
      ? [findingOf('catch-up-reads', { node: series.node, tps: observed.step.tps, ...late, ...window })]
      : [];
  });

/** @returns `writtenBytes`: per second; undefined if memory or disk was not read in the step, or nothing was written */
export function hotWindow(observed: ObservedStep, { software }: NodeSeries) {
  const free = meanUseOf(observed, ({ memory }) => memory && memory.totalBytes - memory.usedBytes);
  const total = meanUseOf(observed, ({ memory }) => memory?.totalBytes);
  const written = meanUseOf(observed, ({ disks = [] }) =>
    largest(disks.map(({ writtenBytesPerSecond }) => writtenBytesPerSecond)),
  );
  if (free === undefined || total === undefined || written === undefined || written === 0) return undefined;
  const { residentShare = 1 } = traitsOf(software)?.memory ?? {};
  const cacheBytes = Math.min(free, residentShare * total);
  return { cachedSeconds: cacheBytes / written, cacheBytes, writtenBytes: written };
}

function furthestBehind({ step }: ObservedStep): { group: string; behindSeconds: number } | undefined {
  if (!(step.tps > 0)) return undefined;
  return step.groups
    .map(({ group, lag }) => ({ group, behindSeconds: Math.max(0, largest(lag) ?? 0) / step.tps }))
    .toSorted((a, b) => b.behindSeconds - a.behindSeconds)[0];
}
