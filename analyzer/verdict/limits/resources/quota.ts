// Detects clients throttled by a quota, whose rate does not show a limit of the broker.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { SymptomModel } from './model.ts';
import { mostOfBroker } from './use.ts';

export const quota: SymptomModel = (steps, series) => {
  const throttled = steps.flatMap((observed) => {
    const seconds = mostOfBroker(observed, series, 'throttledSeconds') ?? 0;
    return seconds > 0 ? [{ seconds, tps: observed.step.tps }] : [];
  });
  const [first] = throttled.toSorted((a, b) => a.tps - b.tps);
  return first === undefined ? [] : [findingOf('quota', { node: series.node, ...first })];
};
