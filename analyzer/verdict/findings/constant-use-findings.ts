// Reports how much of the bottleneck is used by work that does not follow the load and may be freed.

import type { Finding, SafeMaxTps } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Evidence } from '../evidence.ts';
import { rateAt, useAt } from '../fit/use-law.ts';

/** Least reported share of the safe use; idle brokers and hosts use less. */
const worthTelling = 0.25;

export function constantUseFindings({ resources }: Evidence, safe: SafeMaxTps): Finding[] {
  if ((safe.kind !== 'confirmed' && safe.kind !== 'predicted') || !('resource' in safe.limitedBy)) return [];
  const { resource, node } = safe.limitedBy;
  const fitted = resources.find((each) => each.resource === resource && each.node === node);
  if (fitted?.law === undefined || fitted.safe === undefined || fitted.law.model === 'batches') return [];
  const { law } = fitted;
  const standing = useAt(law, 0);
  const limit = fitted.policyLimit * fitted.capacity.value;
  const share = standing / limit;
  if (share < worthTelling || share >= 1) return [];
  const throughOrigin = Float64Array.from(law.coefficients, (value, i) => (i === 0 ? 0 : value));
  const without = rateAt(law, limit / (1 + Math.max(0, fitted.peak ?? 0)), throughOrigin);
  const isLine = law.model === 'line' || law.model === 'cores';
  const { unit } = fitted.capacity;
  const otherwise = isLine && { otherwiseTps: without };
  return [findingOf('standing-use', { limit: safe.limitedBy, standing, safe: limit, unit, ...otherwise })];
}
