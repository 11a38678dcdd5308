// Reports that the saturation of a card assumes full segments, which the test did not have.

import type { Finding, SaturationTps } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Evidence } from '../evidence.ts';

/** Less moves a rate by less than the steps themselves do. */
const worthTelling = 0.01;

export function segmentFindings({ resources }: Evidence, saturation: SaturationTps): Finding[] {
  if (saturation.kind !== 'predicted') return [];
  const { limitedBy } = saturation;
  if (!('resource' in limitedBy)) return [];
  const { resource, node } = limitedBy;
  const { spared = 0 } = resources.find((each) => each.resource === resource && each.node === node) ?? {};
  if (spared < worthTelling) return [];
  return [findingOf('segments-fill', { limit: limitedBy, spared })];
}
