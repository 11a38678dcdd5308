// Compares measured bytes per message with those of the protocol, and names the single change that explains a difference.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { scaled } from '../written/figures.ts';
import { directions, explanationsOf, type MeasuredBytes } from './byte-explanations.ts';
import type { ClusterLoad } from '../../../core/wire/cluster-load.ts';
import { segmentHeaders, segmentPayload, uncountedPerFrame } from '../../../core/wire/ethernet.ts';
import { expectedBytes, type ByteSpan, type Viewpoint } from '../../../core/wire/expected-bytes.ts';

type MeasuredLoad = ClusterLoad & { measured: MeasuredBytes; viewpoint?: Viewpoint };

/** Error of the arithmetic: 3% was measured on real brokers at high load, and 5% at low load. */
const tolerance = 0.05;
/**
 * Bound on ACK traffic, as a share of the bytes sent the other way: kernels send between zero and one bare ACK per two
 * segments.
 */
const bareAcks = (segmentHeaders + uncountedPerFrame) / (2 * segmentPayload);

const byCard: Viewpoint = { of: 'card', as: 'counter' };

/**
 * Compares both directions with the arithmetic, and tries one explanation after the other.
 *
 * @returns an empty list if the measured bytes are within 5% and their interval of the expected ones; otherwise one
 * finding that names the explanation, or that none was found
 */
export function byteFindings({ measured, viewpoint = byCard, ...described }: MeasuredLoad): Finding[] {
  const load: ClusterLoad = described;
  const expected = expectedBytes(load, viewpoint);
  if (missOf(measured, expected) === 0 || (measured.in ?? measured.out) === undefined) return [];
  const fitting = explanationsOf(load, measured, viewpoint)
    .map((each) => ({ ...each, bytes: times(expectedBytes(each.load, viewpoint), each.factor ?? 1) }))
    .filter(({ bytes }) => missOf(measured, bytes) === 0)
    .map((each) => ({ ...each, distance: distanceOf(measured, each.bytes) }))
    .toSorted((a, b) => a.distance - b.distance);
  return [
    findingOf(fitting.length === 0 ? 'bytes-unexplained' : 'bytes-differ', {
      measured: directions(measured).map(({ direction, value }) => ({
        direction,
        value,
        expected: expected[direction],
      })),
      ...(viewpoint.of === 'card' && { leader: traitsOf(load.broker).terms.leader }),
      fitting: fitting.map(({ change, distance }) => ({ change, distance })),
    }),
  ];
}

/** Largest relative error of a direction beyond tolerance and its interval; 0 if all are within. */
function missOf(measured: MeasuredBytes, bytes: ByteSpan): number {
  const misses = directions(measured).map(({ direction, value, low = value, high = value }) => {
    const { low: least, high: most } = bytes[direction];
    const acks = bareAcks * bytes[direction === 'in' ? 'out' : 'in'].high;
    return Math.max((least * (1 - tolerance) - acks) / high - 1, low / (most * (1 + tolerance) + acks) - 1, 0);
  });
  return Math.max(0, ...misses);
}

/** Distance of the figures from the prediction, to a thousandth: sorts explanations that are all within the tolerance. */
function distanceOf(measured: MeasuredBytes, bytes: ByteSpan): number {
  const outside = directions(measured).map(({ direction, value }) => {
    const { low, high } = bytes[direction];
    return Math.max(low / value - 1, value / high - 1, 0);
  });
  return Math.round(1000 * Math.max(...outside)) / 1000;
}

const times = (bytes: ByteSpan, factor: number): ByteSpan => ({
  in: scaled(bytes.in, factor),
  out: scaled(bytes.out, factor),
});
