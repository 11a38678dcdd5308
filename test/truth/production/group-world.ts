// Generates consumer groups with known lag and read rates, minute by minute.

import { drawOf, gaussianOf, randomOf } from '../world/random.ts';

export interface GroupWorld {
  /** Messages per second that the group can read. */
  capacity: number;
  produced: { from: number; to: number; messagesPerSecond: number }[];
  lag: { elapsedSeconds: number; group: string; messages: number }[];
  commits: { from: number; to: number; group: string; messagesPerSecond: number }[];
}

const minute = 60;
export const groupName = 'billing';

/** @param outages number of stops of half an hour to an hour and a half, each on a separate day */
export function drawGroup(seed: number, outages: number): GroupWorld {
  const random = randomOf(seed * 104_729 + 7);
  const draw = drawOf(random);
  const normal = gaussianOf(random);
  const capacity = draw.around(500, 50_000);
  const mean = capacity * draw.between(0.2, 0.5);
  const scatter = draw.between(0.01, 0.08);
  const stops = Array.from({ length: outages }, (_, k) => {
    const from = k * 86_400 + draw.whole(2, 14) * 3600;
    return { from, to: from + draw.whole(30, 90) * minute };
  });
  const world: GroupWorld = { capacity, produced: [], lag: [], commits: [] };
  let behind = 0;
  for (let from = 0; from < Math.max(2, outages) * 86_400; from += minute) {
    const to = from + minute;
    const rate = mean * (1 + 0.4 * Math.sin((2 * Math.PI * from) / 86_400) + 0.02 * normal());
    const isStopped = stops.some((stop) => from >= stop.from && from < stop.to);
    const most = isStopped ? 0 : capacity * (1 + scatter * normal());
    const read = Math.min(most, rate + behind / minute);
    behind = Math.max(0, behind + (rate - read) * minute);
    world.produced.push({ from, to, messagesPerSecond: rate });
    // Messages in flight count as lag, too.
    world.lag.push({ elapsedSeconds: to, group: groupName, messages: behind + 0.5 * rate });
    world.commits.push({ from, to, group: groupName, messagesPerSecond: read });
  }
  return world;
}
