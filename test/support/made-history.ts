// Generates load with known weekly shape, growth, noise and promotions.

import { seededRandom } from '../../core/statistics/seeded-random.ts';

export interface Made {
  days: number;
  /** Growth per day, as a ratio. */
  growth?: number;
  /** Standard deviation of the logarithm of hourly noise. */
  noise?: number;
  /** Standard deviation of noise that persists from day to day, by the ratio `memory`. */
  drift?: number;
  memory?: number;
  isAdditive?: boolean;
  /** Promotions by day since the start. */
  promotions?: ReadonlyMap<number, number>;
}

/** First hour: Monday 2025-01-06 00:00 UTC. */
export const madeStart = Date.UTC(2025, 0, 6);

export function madeLoad(
  seed: string,
  { days, growth = 0, noise = 0.05, drift = 0, memory = 0.9, isAdditive = false, promotions = new Map() }: Made,
): number[] {
  const random = seededRandom(seed);
  let lasting = 0;
  return Array.from({ length: days * 24 }, (_, i) => {
    const [day, hour] = [Math.floor(i / 24), i % 24];
    if (hour === 0) lasting = memory * lasting + drift * random.normal();
    const weekday = day % 7 >= 5 ? 0.7 : 1;
    const shape =
      weekday *
      (1 + 0.6 * Math.cos((2 * Math.PI * (hour - 20)) / 24) + 0.2 * Math.cos((4 * Math.PI * (hour - 11)) / 24));
    const base = 10_000 * (1 + growth) ** day * shape * (promotions.get(day) ?? 1);
    const off = lasting + noise * random.normal();
    return isAdditive ? Math.max(0, base + 10_000 * off) : base * Math.exp(off);
  });
}
