// Checks that every group consumed what was produced.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { warned, weakened, type Check } from '../check.ts';

/** Least missing share of the produced messages, and least lag in seconds; fetches or late reports explain less. */
const leftShare = 0.05;
const leftSeconds = 2;

export const groupLagCheck: Check = ({ run, steps }) => {
  const { resume, workload } = run.document;
  const { groups } = workload;
  if (groups !== undefined && groups > 0 && run.consumed.length === 0 && run.lag.length === 0)
    return [warned(findingOf('groups-not-seen', { groups }))];
  // Delayed messages are consumed in a later step; the time of a level is a setting of the broker.
  const { level, after = 0 } = (resume?.workload['delay'] ?? {}) as { level?: number; after?: number };
  if (level !== undefined) return [];
  const lagging = steps.flatMap((judged) => {
    const { verdict, step } = judged;
    if (verdict.kind !== 'sustained') return [];
    const seconds = step.window.to - step.window.from;
    return step.groups.flatMap(({ group, tps }) => {
      const left = 1 - tps / step.tps;
      return left > leftShare && left * seconds > leftSeconds + after ? [{ judged, group, left }] : [];
    });
  });
  const [first] = lagging.toSorted((a, b) => a.judged.step.tps - b.judged.step.tps);
  if (first === undefined) return [];
  const finding = findingOf('groups-behind', { group: first.group, tps: first.judged.step.tps, left: first.left });
  const doubted = lagging.map(({ judged }) => judged);
  return [weakened(doubted, finding)];
};
