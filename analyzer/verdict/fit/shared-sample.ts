// Draws the random values of one sample that all resources share: seconds of every step, deviations of the steps, and outliers.

import { outlierShare, type OutlierSeconds } from '../steps/second-spread.ts';
import type { SeededRandom } from '../../../core/statistics/seeded-random.ts';

/** Numbers of slots of seconds of the steps, in step order. */
export interface Steps {
  steps: number;
  slots: readonly number[];
}

export type SharedSample = ReturnType<typeof emptySharedSample>;

export function emptySharedSample({ steps, slots }: Steps, kinds: readonly OutlierSeconds[], mostFreedom: number) {
  return {
    /** How often each slot was drawn. */
    times: new Uint16Array(slots.reduce((sum, count) => sum + count, 0)),
    /** One row per step, and the last row for a further step. */
    normals: new Float64Array((steps + 1) * steps),
    /** Factors √(ν / χ²) by degrees of freedom ν. */
    inflations: new Float64Array(mostFreedom + 1),
    farPools: kinds.map((far): OutlierPool => ({ far, share: 0, normal: 0, size: 0 })),
    /** Selects the law. */
    pick: 0,
    /** Normal deviate for the doubt about rates beyond the tested range. */
    beyond: 0,
  };
}

export function drawSharedSample(sample: SharedSample, { slots }: Steps, random: SeededRandom): void {
  const { times, normals, inflations } = sample;
  drawBlocks(times, slots, random);
  for (let i = 0; i < normals.length; i += 1) normals[i] = random.normal();
  let square = 0;
  for (let freedom = 1; freedom < inflations.length; freedom += 1) {
    square += random.normal() ** 2;
    inflations[freedom] = Math.sqrt(freedom / square);
  }
  for (const pool of sample.farPools) {
    pool.normal = random.normal();
    pool.share = drawnShare(pool.far, times, pool.normal);
    pool.size = random.normal();
  }
  sample.pick = random.uniform();
  sample.beyond = random.normal();
}

/** Outlier seconds of one kind of resource in a draw. */
export interface OutlierPool {
  far: OutlierSeconds;
  share: number;
  /** Normal deviates for the error of shares and of sizes. */
  normal: number;
  size: number;
}

export function drawnShare({ slots, seconds }: OutlierSeconds, times: Uint16Array, normal: number): number {
  let drawn = 0;
  for (let i = 0; i < slots.length; i += 1) drawn += times[slots[i] as number] as number;
  return outlierShare(drawn, seconds, normal);
}

/** Circular blocks, so that the seconds at the edges are drawn as often as the others. */
function drawBlocks(times: Uint16Array, slots: readonly number[], random: SeededRandom): void {
  times.fill(0);
  let first = 0;
  for (const count of slots) {
    const length = Math.ceil(Math.sqrt(count));
    for (let taken = 0; taken < count; taken += length) {
      const start = Math.floor(random.uniform() * count);
      const end = Math.min(length, count - taken);
      for (let i = 0; i < end; i += 1) {
        const slot = first + ((start + i) % count);
        times[slot] = (times[slot] as number) + 1;
      }
    }
    first += count;
  }
}
