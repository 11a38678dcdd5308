// Computes the average rate that the disks can store for the configured retention: the tightest disk of all brokers.

import type { Analysis, Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { MeasuredStep } from '../steps/measured-step.ts';
import { retentionCeilings } from './resources/retention.ts';
import { wholeWithin } from './resources/use.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { Surroundings } from './resource-use.ts';

/** @returns no retention where none is configured, or no disk has a size and was written to; a finding where sizes are unknown */
export function retentionOf(
  steps: readonly MeasuredStep[],
  { brokers }: Surroundings,
  { retentionSeconds, limits }: Policy,
): { retention: Analysis['retention']; findings: Finding[] } {
  if (retentionSeconds === undefined) return { retention: undefined, findings: [] };
  const keeping = { retentionSeconds: retentionSeconds.value, share: limits['disk-space'].value };
  const ceilings = brokers.flatMap((series) => {
    const observed = steps.map((step) => ({ step, intervals: wholeWithin(series.host.intervals, step.window) }));
    return retentionCeilings(observed, series, keeping);
  });
  const [first] = ceilings.toSorted((a, b) => a.tps - b.tps);
  const nodes = brokers
    // Other sources and files have no disk sizes.
    .filter(({ host: { inventory, readBy } }) => inventory !== undefined && readBy === undefined)
    .filter(({ host }) => !host.inventory?.disks?.some(({ sizeBytes = 0 }) => sizeBytes > 0))
    .map(({ node }) => node);
  return {
    retention: first && {
      tps: first.tps,
      retentionSeconds: keeping.retentionSeconds,
      limitedBy: first.limitedBy,
    },
    findings:
      nodes.length === 0 ? [] : [findingOf('retention-unknown', { nodes, retentionSeconds: keeping.retentionSeconds })],
  };
}
