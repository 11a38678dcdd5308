// Computes the load of links and disks over time during a plan: copying plus regular traffic.

import type { LoadCourse } from '../../../core/documents/recorded-operation.ts';
import type { Pace, Traffic } from './pace.ts';
import type { PlacedBroker, PlacedPartition, Problem } from './problem.ts';
import type { Wave } from './waves.ts';

/** One point per minute for up to a day; longer plans have longer steps. */
const mostPoints = 1440;
const minute = 60;
const leastPoints = 10;

/**
 * Assumes that replicas of a wave are copied at a constant rate for its duration, on each broker until it has all of
 * them. Removed replicas are deleted when the wave ends.
 *
 * @param incoming added to each link, because the throttle leaves room for it
 * @returns nothing if link speeds or partition sizes are unknown; `disk` only if every disk is known
 */
export function loadCourse(
  waves: readonly { wave: Wave; pace: Pace }[],
  {
    brokers,
    partitions,
    others = [],
    incoming,
  }: Pick<Problem, 'brokers' | 'partitions'> & Partial<Pick<Problem, 'others'>> & Pick<Traffic, 'incoming'>,
): LoadCourse | undefined {
  const timed = waves.filter(({ wave }) => wave.some(({ to }) => to !== undefined));
  const speeds = brokers.map(({ networkBytesPerSecond }) => networkBytesPerSecond ?? Number.NaN);
  const whole = timed.reduce((sum, { pace }) => sum + (pace.etaSeconds?.mid ?? Number.NaN), 0);
  if (!(whole > 0) || speeds.some(Number.isNaN) || partitions.some(({ bytes }) => bytes === undefined))
    return undefined;
  const stepSeconds = stepOf(whole);
  const count = Math.ceil(whole / stepSeconds);
  const copied = Array.from({ length: 2 * brokers.length }, () => new Float64Array(count));
  const disks = brokers.every(({ diskBytes }) => diskBytes !== undefined) ? new Float64Array(count) : undefined;
  const used = usedBytes(brokers, [...partitions, ...others]);
  const held = partitions.map(({ replicas }) => replicas);
  let begins = 0;
  for (const { wave, pace } of timed) {
    const ends = begins + (pace.etaSeconds?.mid ?? 0);
    const bytes = linkBytes(wave, brokers.length, partitions);
    const rate = ends > begins ? Math.max(...bytes) / (ends - begins) : 0;
    const last = Math.min(count - 1, Math.ceil(ends / stepSeconds) - 1);
    for (let step = Math.floor(begins / stepSeconds); step <= last; step += 1) {
      const from = Math.max(begins, step * stepSeconds) - begins;
      const to = Math.min(ends, (step + 1) * stepSeconds) - begins;
      for (const [link, all] of bytes.entries()) {
        const now = Math.min(all, rate * to) - Math.min(all, rate * from);
        const series = copied[link] as Float64Array;
        series[step] = (series[step] ?? 0) + now;
      }
      if (disks === undefined) continue;
      for (const [broker, { diskBytes = Infinity }] of brokers.entries()) {
        const there = (used[broker] ?? 0) + Math.min(bytes[2 * broker] ?? 0, rate * to);
        disks[step] = Math.max(disks[step] ?? 0, there / diskBytes);
      }
    }
    settle(wave, partitions, held, used);
    begins = ends;
  }
  const slowest = Math.min(...speeds);
  const points = Array.from({ length: count }, (_, step) => {
    const seconds = Math.min(stepSeconds, whole - step * stepSeconds);
    const network = copied.reduce(
      (most, series, link) => {
        const taken = (incoming ?? 0) + (series[step] ?? 0) / seconds;
        return Math.max(most, taken / (speeds[link >> 1] as number));
      },
      (incoming ?? 0) / slowest,
    );
    return { network: rounded(network), ...(disks && { disk: rounded(disks[step] ?? 0) }) };
  });
  return { stepSeconds, points, ...(incoming !== undefined && { incomingBytesPerSecond: incoming }) };
}

function stepOf(whole: number): number {
  if (whole < leastPoints * minute) return Math.max(1, Math.ceil(whole / leastPoints));
  return minute * Math.ceil(whole / minute / mostPoints);
}

const rounded = (ratio: number) => Math.round(ratio * 10_000) / 10_000;

function usedBytes(brokers: readonly PlacedBroker[], partitions: readonly PlacedPartition[]): Float64Array {
  const used = new Float64Array(brokers.length);
  for (const { replicas, bytes = 0 } of partitions) {
    for (const broker of replicas) used[broker] = (used[broker] ?? 0) + bytes;
  }
  return used;
}

/** @returns bytes into each broker (at twice its index) and out of it (one after that) */
function linkBytes(wave: Wave, brokers: number, partitions: readonly PlacedPartition[]): Float64Array {
  const bytes = new Float64Array(2 * brokers);
  for (const { index, to, from } of wave) {
    if (to === undefined || from === undefined) continue;
    const size = partitions[index]?.bytes ?? 0;
    bytes[2 * to] = (bytes[2 * to] ?? 0) + size;
    bytes[2 * from + 1] = (bytes[2 * from + 1] ?? 0) + size;
  }
  return bytes;
}

function settle(wave: Wave, partitions: readonly PlacedPartition[], held: (readonly number[])[], used: Float64Array) {
  for (const { index, replicas } of wave) {
    const { bytes = 0 } = partitions[index] as PlacedPartition;
    const before = held[index] ?? [];
    for (const broker of before) if (!replicas.includes(broker)) used[broker] = (used[broker] ?? 0) - bytes;
    for (const broker of replicas) if (!before.includes(broker)) used[broker] = (used[broker] ?? 0) + bytes;
    held[index] = replicas;
  }
}
