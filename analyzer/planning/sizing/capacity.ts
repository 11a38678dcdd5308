// Computes the capacity of one broker on a host type: extrapolated from measurements, or by arithmetic.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Shape } from '../../../core/documents/cluster-plan.ts';
import type { PlanAssumption } from '../../../core/documents/reasons/plan-assumptions.ts';
import { linkCeilings } from '../../../core/wire/ethernet.ts';
import type { LoadDraws, PlannedResourceName } from './scenarios.ts';
import type { Measured } from './measured.ts';
import { messageVector } from './message-vector.ts';
import type { Build } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import { bitRateText } from '../../../core/text/quantity-text.ts';
import type { LatencyObjective } from '../../../core/documents/findings/planning-findings.ts';
import type { MissedLatency } from '../../../core/documents/reasons/rejection-reasons.ts';

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
  load: Pick<LoadDraws, 'meanBytes' | 'meanGroups'>,
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

interface Found {
  measured: Measured;
  /** Host type of the measurement, if the catalogue contains it. */
  shape: Shape | undefined;
}

/**
 * Requires the same broker kind and mode, because no mode predicts another (apache/rocketmq#2278: 13,000 with DLedger where a master with
 * a slave reached 100,000). Prefers the same host type, the same number of copies, then the closest number of cores; then one
 * that reached a limit, a verdict over a stated figure, the most similar messages, and the lowest rate. The order of
 * the file does not matter. If the nearest missed the latency objective at its lowest rate, none is used: another one
 * shows no latency of this host type.
 */
export function measurementFor(
  shape: Shape,
  build: Build,
  measurements: readonly Measured[],
  shapes: readonly Shape[],
  meanBytes: number,
): Found | undefined {
  const known = measurements
    .filter((measured) => isOfBuild(measured, build))
    .map((measured) => ({ measured, shape: shapes.find(({ name }) => name === measured.shape) }))
    .filter((each) => each.shape !== undefined || each.measured.shape === shape.name);
  const distance = ({ measured, shape: at }: Found) =>
    (measured.shape === shape.name ? 0 : 1 + Math.abs(Math.log(shape.cores / (at?.cores ?? shape.cores)))) +
    (measured.replicas === build.replicas ? 0 : 0.5);
  const criteria: readonly ((found: Found) => number)[] = [
    distance,
    ({ measured: { objective } }) => (objective === undefined ? 0 : objectives.indexOf(objective.kind)),
    ({ measured }) => Number(measured.isAtLeast),
    ({ measured }) => Number(measured.isStated === true),
    ({ measured }) => Math.abs(Math.log(meanBytes / bytesOf(measured))),
    ({ measured }) => measured.safeTps.mid / measured.masters,
  ];
  const [nearest] = known.toSorted((one, two) =>
    criteria.reduce((order, criterion) => order || criterion(one) - criterion(two), 0),
  );
  return nearest?.measured.objective?.kind === 'missed' ? undefined : nearest;
}

/** Preference on one host type: a known latency before an unknown one, and one within the objective first. */
const objectives: readonly LatencyObjective['kind'][] = ['kept', 'missed', 'unmeasured'];

const isOfBuild = ({ broker, mode }: Measured, build: Pick<Build, 'broker' | 'mode'>) =>
  broker === build.broker && mode === build.mode;

/** @returns of the measurements of this broker and mode, the first that misses the latency objective at its lowest rate */
export function missedObjective(
  measurements: readonly Measured[],
  build: Pick<Build, 'broker' | 'mode'>,
): MissedLatency | undefined {
  for (const measured of measurements) {
    if (measured.objective?.kind !== 'missed' || !isOfBuild(measured, build)) continue;
    const { kind: _, ...missed } = measured.objective;
    return missed;
  }
  return undefined;
}

/** Network bytes of one of its messages. */
function bytesOf(measured: Measured): number {
  const vector = messageVector(measured, measured, measured.messageBytes);
  return vector.in + vector.out;
}

export function extrapolatedMessages(
  { measured, shape: measuredShape }: Found,
  shape: Shape,
  build: Build,
  { meanBytes, meanGroups }: Pick<LoadDraws, 'meanBytes' | 'meanGroups'>,
  policy: SizingPolicy,
): { messages: Capacity; assumptions: PlanAssumption[] } {
  const assumptions: PlanAssumption[] = [];
  const doubts: number[] = [];
  const byBytes = meanBytes / bytesOf(measured);
  const byDeliveries = (1 + meanGroups) / (1 + measured.consumerGroups);
  // Never above the measured rate, however small the messages are.
  const work = Math.max(1, byBytes, byDeliveries);
  if (work > 1.25 || byBytes < 0.75) {
    doubts.push(policy.doubt.workload.value);
    assumptions.push(
      work > 1
        ? { kind: 'costlier-messages', work, bytes: byBytes, deliveries: byDeliveries }
        : { kind: 'smaller-messages', bytes: byBytes },
    );
  }
  let ratio = 1;
  if (measured.shape !== shape.name && measuredShape !== undefined) {
    const cores = shape.cores / measuredShape.cores;
    ratio = Math.min(policy.beyondShape.value, cores);
    doubts.push(0.1 + policy.doubt.shape.value * Math.abs(Math.log(cores)));
    assumptions.push({ kind: 'scaled-by-cores', shape: shape.name, measuredShape: measured.shape, ratio });
  }
  if (measured.replicas !== build.replicas) {
    doubts.push(policy.doubt.replicas.value);
    assumptions.push({ kind: 'other-copies', measured: measured.replicas, planned: build.replicas });
  }
  const factor = ratio / work / measured.masters;
  const widened = (end: number) => Math.hypot(Math.log(end), ...doubts.map((doubt) => Math.log(1 + doubt)));
  const { low, mid, high } = measured.safeTps;
  const isOwn = !['network-in', 'network-out', 'disk-io'].includes(measured.resource ?? 'cpu');
  if (!isOwn) {
    assumptions.push({ kind: 'cpu-limit-unknown', resource: String(measured.resource) });
  }
  return {
    messages: {
      // The CPU limit is unknown, and the predicted saturation of another resource does not show it.
      safe: (isOwn ? mid : Math.min(measured.saturationTps, measured.seenTps)) * factor,
      full: measured.saturationTps * factor,
      low: Math.exp(-widened(low / mid)),
      high: measured.isAtLeast ? 1 : Math.exp(widened(high / mid)),
      draws: 'capacity',
      source: isOwn
        ? `${measured.source}, limited by ${measured.resource ?? 'a promise'}`
        : `${measured.source}, as far as it was seen`,
    },
    assumptions,
  };
}
