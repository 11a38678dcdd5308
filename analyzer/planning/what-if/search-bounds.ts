// Applies the bounds of a rate search to a what-if: a search may have reached a limit that no resource law shows.

import type { SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { Evidence } from '../../verdict/evidence.ts';
import { isOf } from '../../verdict/limits/ceilings.ts';
import { quantities, type Alternative, type Quantity } from './alternative.ts';

/** Direction in which a quantity makes the load lighter, or the machines stronger. */
const relief = {
  messageBytes: 'less',
  groups: 'less',
  replicas: 'less',
  compression: 'less',
  nic: 'more',
  disks: 'more',
  brokers: 'more',
} as const satisfies Record<Exclude<Quantity, 'acks'>, 'less' | 'more'>;

interface Change {
  alternative: Alternative;
  /** Measured values; absent if unknown. */
  measured: Alternative;
  resources: Evidence['resources'];
}

/** @param tested result of the search for the unchanged cluster; absent if it equals that of the steps */
export function withSearch(predicted: SafeMaxTps, tested: SafeMaxTps | undefined, change: Change): SafeMaxTps {
  if (tested === undefined || tested.kind === 'unknown') return predicted;
  const { alternative, measured } = change;
  const isChanged = quantities.some((each) => alternative[each] !== undefined && alternative[each] !== measured[each]);
  if (isChanged && predicted.kind !== 'unknown' && !isPastLimit(predicted.tps, tested, change)) return predicted;
  if (isRelief(change)) return tested;
  if (predicted.kind === 'unknown') return predicted;
  const what = 'a load test of the change: the limit that stopped the search is not predicted for it';
  return { kind: 'unknown', missing: [{ what, node: 'cluster' }] };
}

/** Above a rate confirmed by the search, the limit it reached comes first, unless the resource laws include it. */
function isPastLimit(tps: number, tested: SafeMaxTps, { alternative, resources }: Change): boolean {
  if (tested.kind !== 'confirmed' || tps <= tested.tps) return false;
  const { limitedBy } = tested;
  if ('group' in limitedBy && alternative.groups === 0) return false;
  return !resources.some((each) => isOf(limitedBy, each));
}

/** Whether a previously sustained rate is still sustained after the change. */
function isRelief({ alternative, measured }: Change): boolean {
  return quantities.every((quantity) => {
    const [before, after] = [measured[quantity], alternative[quantity]];
    if (after === undefined || after === before) return true;
    if (quantity === 'acks' || typeof before !== 'number' || typeof after !== 'number') return false;
    return relief[quantity] === 'less' ? after < before : after > before;
  });
}
