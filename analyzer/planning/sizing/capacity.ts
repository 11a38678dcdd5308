// Computes the capacity of one broker on a host type: extrapolated from measurements, or by arithmetic.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Shape } from '../../../core/documents/cluster-plan.ts';
import type { PlanAssumption } from '../../../core/documents/reasons/plan-assumptions.ts';
import { linkCeilings } from '../../../core/wire/ethernet.ts';
import type { LoadDraws, PlannedResourceName } from './cluster-load-draws.ts';
import type { Measured } from './measured.ts';
import { messageVector } from './message-vector.ts';
import type { Build } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import { bitRateText } from '../../../core/text/quantity-text.ts';
import { extrapolatedMessages, measurementFor } from './extrapolated-messages.ts';

/** Capacity of one broker that accepts messages. */
export interface Capacity {
  safe: number;
  full: number;
  /** Ends of the 80% interval over the middle; both 1 if it is known. */
  low: number;
  high: number;
  /** Draws that represent its uncertainty. */
  draws: 'capacity' | 'wire' | 'none';
  source: string;
}

export interface ShapeCapacity {
  resources: Record<PlannedResourceName, Capacity>;
  assumptions: PlanAssumption[];
  warnings: Finding[];
}

/** @returns undefined if nothing of this kind of cluster was measured */
export function capacityOf(
  shape: Shape,
  build: Build,
  load: Pick<LoadDraws, 'meanBytes' | 'meanGroups' | 'requests'>,
  measurements: readonly Measured[],
  shapes: readonly Shape[],
  policy: SizingPolicy,
): ShapeCapacity | undefined {
  const found = measurementFor(shape, build, measurements, shapes, load.meanBytes);
  if (found === undefined) return undefined;
  const { measured, shape: measuredShape = shape } = found;
  const over = extrapolatedMessages(found, shape, build, load, policy);
  const assumptions = [...measured.assumptions, ...over.assumptions];
  const warnings: ShapeCapacity['warnings'] =
    measured.objective === undefined ? [] : [findingOf('latency-objective', measured.objective)];
  const link = linkCeilings(shape.networkBitsPerSecond).counter;
  const wire = policy.doubt.wire.value;
  const limited = (name: 'network-in' | 'network-out' | 'disk-io' | 'disk-space', full: number, source: string) =>
    certain(full * policy.limits[name].value, full, `${source}; ${policy.limits[name].source}`);
  const card = `card of ${bitRateText(shape.networkBitsPerSecond)}, interface counters at line rate`;
  const network = (name: 'network-in' | 'network-out'): Capacity => ({
    ...limited(name, link, card),
    low: 1 - wire,
    high: 1 + wire,
    draws: 'wire',
  });
  const { diskWriteBytesPerSecond: written, partitions = policy.partitionsPerBroker.value } = shape;
  const resources: ShapeCapacity['resources'] = {
    'network-in': network('network-in'),
    'network-out': network('network-out'),
    'disk-io':
      written === undefined
        ? certain(Infinity, Infinity, 'the catalogue has no disk write rate')
        : limited('disk-io', written, 'diskWrite of the catalogue'),
    messages: over.messages,
    'disk-space': limited('disk-space', shape.diskBytes, 'disk of the catalogue'),
    memory: pageCache(shape, build, policy),
    partitions: certain(
      partitions,
      partitions,
      shape.partitions === undefined ? policy.partitionsPerBroker.source : 'the catalogue',
    ),
  };
  const own = measured.resource;
  if (own === 'network-in' || own === 'network-out' || own === 'disk-io') {
    const vector = messageVector(measured, measured, measured.messageBytes);
    const bytes = own === 'network-in' ? vector.in : own === 'network-out' ? vector.out : vector.disk;
    const faster =
      own === 'disk-io'
        ? diskRatio(shape, measuredShape)
        : shape.networkBitsPerSecond / measuredShape.networkBitsPerSecond;
    if (faster === undefined)
      assumptions.push({ kind: 'same-disk-speed', shape: shape.name, measuredShape: measured.shape });
    const ratio = faster ?? 1;
    const full = (measured.saturationTps / measured.masters) * bytes * ratio;
    const safe = (measured.safeTps.mid / measured.masters) * bytes * ratio;
    const isTooMuch = own !== 'disk-io' && full > link * (1 + 2 * wire);
    const byArithmetic = resources[own];
    // A card cannot exceed its speed; if the measured message bytes imply that, they are wrong.
    const isCapped = own !== 'disk-io' && safe > byArithmetic.safe;
    resources[own] = isCapped
      ? byArithmetic
      : {
          safe,
          full: own === 'disk-io' ? full : Math.min(full, link),
          low: measured.safeTps.low / measured.safeTps.mid,
          high: measured.safeTps.high / measured.safeTps.mid,
          draws: 'capacity',
          source: measured.source,
        };
    if (isTooMuch) {
      warnings.push(
        findingOf('measured-beyond-the-card', {
          source: measured.source,
          tps: measured.saturationTps,
          messageBytes: measured.messageBytes,
          direction: own,
          neededBytes: full,
          cardBytes: link,
          cardTps: (link / bytes) * measured.masters,
        }),
      );
    }
  }
  return { resources, assumptions, warnings };
}

/** @returns undefined if either speed is unknown */
function diskRatio(shape: Shape, measured: Shape): number | undefined {
  if (shape.name === measured.name) return 1;
  const [to, from] = [shape.diskWriteBytesPerSecond, measured.diskWriteBytesPerSecond];
  return to === undefined || from === undefined ? undefined : to / from;
}

function pageCache(shape: Shape, { broker }: Build, policy: SizingPolicy): Capacity {
  const heap = policy[`${broker}HeapBytes`];
  const cache = shape.memoryBytes - Math.min(heap.value, shape.memoryBytes / 2) - policy.otherMemoryBytes.value;
  const left = Math.max(1, cache);
  const source = `memory less a heap (${heap.source}) and a GiB; ${policy.residentSeconds.source}`;
  return certain(left * policy.limits.memory.value, left, source);
}

export function certain(safe: number, full: number, source: string): Capacity {
  return { safe, full, low: 1, high: 1, draws: 'none', source };
}
