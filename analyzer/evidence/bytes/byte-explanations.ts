// Tries single changes of the described load that would explain the measured bytes per message.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { byteMistakes, type ByteChange, type ByteMistake } from '../../../core/documents/findings/byte-findings.ts';
import { type ClusterLoad, hasGroups, type RocketmqLoad } from '../../../core/wire/cluster-load.ts';
import { base64Bytes } from '../../../core/wire/rocketmq-bytes.ts';
import { expectedBytes, type Span, type Viewpoint } from '../../../core/wire/expected-bytes.ts';

/** Bytes per message of each direction that was read, with the interval if it is known. */
export interface MeasuredBytes {
  in?: { value: number } & Partial<Span>;
  out?: { value: number } & Partial<Span>;
}

interface Explanation {
  change: ByteChange;
  load: ClusterLoad;
  /** Factor on the computed bytes. */
  factor?: number;
}

/** Returns likelier explanations first. */
export function explanationsOf(load: ClusterLoad, measured: MeasuredBytes, viewpoint: Viewpoint): Explanation[] {
  return [...copies(load), ...encodings(load, measured, viewpoint), ...storedAside(load), ...units(load)];
}

function copies(load: ClusterLoad): Explanation[] {
  const { replicas, groups } = load;
  const fewest = hasGroups(load) ? 2 : 1;
  const withReplicas = (count: number): Explanation => ({
    change: { name: count < replicas ? 'missing-replica' : 'extra-replica', count, stated: replicas },
    load: { ...load, replicas: count },
  });
  const withGroups = (count: number): Explanation => ({
    change: { name: count < groups ? 'missing-group' : 'extra-group', count, stated: groups },
    load: { ...load, groups: count },
  });
  // A pair that lost its slave is a single master.
  const single: Explanation[] =
    hasGroups(load) && replicas === 2
      ? [{ ...withReplicas(1), load: { ...withoutFollower(load), mode: 'single', replicas: 1 } }]
      : [];
  return [
    ...single,
    ...[replicas - 1, replicas - 2].filter((count) => count >= fewest).map(withReplicas),
    ...[groups - 1, groups - 2, groups + 1, groups + 2, groups + 3].filter((count) => count >= 0).map(withGroups),
    ...(replicas > 1 ? [withReplicas(replicas + 1)] : []),
  ];
}

function withoutFollower(load: ClusterLoad & { broker: 'rocketmq' }) {
  const { pushBatch: _, messagesPerTransfer: __, ...rest } = load;
  return rest;
}

function encodings(load: ClusterLoad, measured: MeasuredBytes, viewpoint: Viewpoint): Explanation[] {
  const { bodyBytes } = load;
  const encodedBytes = base64Bytes(bodyBytes);
  const ratio = ratioOf(load, measured, viewpoint);
  return [
    { change: { name: 'base64', bodyBytes, encodedBytes }, load: { ...load, bodyBytes: encodedBytes } },
    ...(ratio === undefined
      ? []
      : [{ change: { name: 'compression', ratio } as const, load: { ...load, compressionRatio: ratio } }]),
  ];
}

export const storesAside = (load: ClusterLoad): load is RocketmqLoad => traitsOf(load.broker).storesAside;

function storedAside(load: ClusterLoad): Explanation[] {
  if (!storesAside(load) || (load.kind ?? 'plain') !== 'plain') return [];
  const { messagesPerRequest: _, ...alone } = load;
  return (['delayed', 'transactional'] as const).map((kind) => ({ change: { name: kind }, load: { ...alone, kind } }));
}

/** Ratio that explains the direction with the narrowest prediction; absent if compression could not explain it. */
function ratioOf(load: ClusterLoad, measured: MeasuredBytes, viewpoint: Viewpoint): number | undefined {
  if (load.compressionRatio !== undefined) return undefined;
  const expected = expectedBytes(load, viewpoint);
  const width = ({ direction }: { direction: 'in' | 'out' }) => expected[direction].high / expected[direction].low;
  const [narrowest] = directions(measured).toSorted((a, b) => width(a) - width(b));
  if (narrowest === undefined) return undefined;
  const { direction, value: target } = narrowest;
  const at = (compressionRatio: number) => middle(expectedBytes({ ...load, compressionRatio }, viewpoint)[direction]);
  let [least, most] = [1, mostPacked];
  if (target > at(least) || target < at(most)) return undefined;
  while (most - least > 0.001 * least) {
    const between = (least + most) / 2;
    if (at(between) > target) least = between;
    else most = between;
  }
  return most;
}

/** Highest compression ratio; only repeated data compresses more. */
const mostPacked = 50;

const middle = ({ low, high }: Span) => (low + high) / 2;

const units = (load: ClusterLoad): Explanation[] =>
  Object.entries(byteMistakes).map(([name, factor]) => ({ change: { name: name as ByteMistake }, load, factor }));

/** Returns the directions that were read. */
export function directions(measured: MeasuredBytes) {
  return (['in', 'out'] as const).flatMap((direction) => {
    const figure = measured[direction];
    return figure === undefined ? [] : [{ direction, ...figure }];
  });
}
