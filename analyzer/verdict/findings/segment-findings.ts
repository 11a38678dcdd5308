// Reports that the saturation of a card assumes full segments, which the test did not have.

import type { Finding, SaturationTps } from '../../../core/documents/analysis.ts';
import type { Evidence } from '../evidence.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { percentText } from '../../../core/text/quantity-text.ts';

/** Less moves a rate by less than the steps themselves do. */
const worthTelling = 0.01;

export function segmentFindings({ resources }: Evidence, saturation: SaturationTps): Finding[] {
  if (saturation.kind !== 'predicted') return [];
  const { limitedBy } = saturation;
  if (!('resource' in limitedBy)) return [];
  const { resource, node } = limitedBy;
  const { spared = 0 } = resources.find((each) => each.resource === resource && each.node === node) ?? {};
  if (spared < worthTelling) return [];
  return [
    {
      severity: 'info',
      code: 'segments-fill',
      message: `Segments of ${limitText(limitedBy)} were not full; they fill once they wait for the card. Where the cluster is full counts on that, by up to ${percentText(spared)}; the safe maximum does not.`,
      evidence: [
        {
          name: 'bytes that full segments spare',
          value: spared,
          unit: 'ratio',
          source: 'frames and bytes of the highest sustained step',
        },
      ],
    },
  ];
}
