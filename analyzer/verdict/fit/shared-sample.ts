// Draws what all resources share in one sample: seconds of every step, deviations of the steps, and outliers.

import { farShare, type FarSeconds } from '../steps/second-spread.ts';
import type { SeededRandom } from '../../../core/statistics/seeded-random.ts';

/** Slots of seconds of each step, one step after the other. */
interface Steps {
  steps: number;
  slots: readonly number[];
}

/** What is the same for all resources in one draw. */
export interface World {
  /** How often each slot was drawn. */
  times: Uint16Array;
  /** One row a step, and the last for a step more. */
  normals: Float64Array;
  /** By degrees of freedom. */
  inflations: Float64Array;
  farPools: readonly FarPool[];
  /** Which law is taken. */
  pick: number;
  /** How far off what lies beyond is. */
  beyond: number;
}

export function emptyWorld({ steps, slots }: Steps, kinds: readonly FarSeconds[], mostFreedom: number): World {
  return {
    times: new Uint16Array(slots.reduce((sum, count) => sum + count, 0)),
    normals: new Float64Array((steps + 1) * steps),
    inflations: new Float64Array(mostFreedom + 1),
    farPools: kinds.map((far): FarPool => ({ far, share: 0, normal: 0, size: 0 })),
    pick: 0,
    beyond: 0,
  };
}

export function drawWorld(world: World, { slots }: Steps, random: SeededRandom): void {
  const { times, normals, inflations } = world;
  drawBlocks(times, slots, random);
  for (let i = 0; i < normals.length; i += 1) normals[i] = random.normal();
  let square = 0;
  for (let freedom = 1; freedom < inflations.length; freedom += 1) {
    square += random.normal() ** 2;
    inflations[freedom] = Math.sqrt(freedom / square);
  }
  for (const pool of world.farPools) {
    pool.normal = random.normal();
    pool.share = drawnShare(pool.far, times, pool.normal);
    pool.size = random.normal();
  }
  world.pick = random.uniform();
  world.beyond = random.normal();
}

/** Far seconds of one kind of resource in a draw. */
export interface FarPool {
  far: FarSeconds;
  share: number;
  /** By which shares are off, and by which sizes are. */
  normal: number;
  size: number;
}

export function drawnShare({ slots, seconds }: FarSeconds, times: Uint16Array, normal: number): number {
  let drawn = 0;
  for (let i = 0; i < slots.length; i += 1) drawn += times[slots[i] as number] as number;
  return farShare(drawn, seconds, normal);
}

/** Circular blocks, so that the seconds at the edges come as often as the others. */
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
