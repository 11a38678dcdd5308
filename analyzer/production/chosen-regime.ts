// Chooses the period that represents the current cluster: the latest with enough variation of traffic, else the longest such.

import type { Finding } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { SourceTelemetry } from '../evidence/sources/telemetry.ts';
import type { Regime } from './regimes.ts';
import { type Block, brokersAt } from './blocks.ts';

/** Least number of blocks for one traffic level each. */
const leastBlocks = 16;
/** Least ratio of the 95% to the 5% quantile of rates: below it a slope is noise. */
export const leastVariation = 1.25;

export interface Chosen {
  places: readonly number[];
  variation: number;
  isEnough: boolean;
  /** Whether no block of a later configuration follows. */
  isLatest: boolean;
}

export function chosenRegime(blocks: readonly Block[], regimes: readonly Regime[]): Chosen | undefined {
  const all = regimes.map(({ places }, index): Chosen => {
    const healthy = places.filter((place) => (blocks[place] as Block).trouble === undefined);
    const variation = variationOf(healthy.map((place) => (blocks[place] as Block).tps));
    return {
      places: healthy,
      variation,
      isEnough: healthy.length >= leastBlocks && variation >= leastVariation,
      isLatest: index === regimes.length - 1,
    };
  });
  const longest = (some: readonly Chosen[]) => some.toSorted((a, b) => b.places.length - a.places.length)[0];
  const latest = all.at(-1);
  if (latest?.isEnough) return latest;
  return longest(all.filter(({ isEnough }) => isEnough)) ?? longest(all);
}

function variationOf(rates: readonly number[]): number {
  const sorted = rates.toSorted((a, b) => a - b);
  const [low, high] = [0.05, 0.95].map((share) => sorted[Math.round(share * (sorted.length - 1))] ?? 0);
  return high === undefined || low === undefined || high <= 0 ? 1 : high / Math.max(low, 1e-3 * high);
}

export function regimeFindings(
  blocks: readonly Block[],
  regimes: readonly Regime[],
  chosen: Chosen,
  { startedAt, events }: Pick<SourceTelemetry, 'startedAt' | 'events'>,
): Finding[] {
  if (regimes.length < 2) return [];
  const spanOf = ({ places }: Pick<Regime, 'places'>) => ({
    fromSeconds: (blocks[places[0] ?? 0] as Block).window.from,
    toSeconds: (blocks[places.at(-1) ?? 0] as Block).window.to,
  });
  const own = spanOf(chosen);
  const countAt = (index: number) => brokersAt(events, blocks.at(index)?.window.from ?? 0);
  const others = regimes.filter(
    ({ places }) => places[0] !== undefined && spanOf({ places }).toSeconds !== own.toSeconds,
  );
  return [
    findingOf('regime-chosen', {
      startedAt,
      changes: regimes.length - 1,
      chosen: own,
      isLatest: chosen.isLatest,
      ...(countAt(0) !== countAt(-1) && { isResized: true }),
      variation: chosen.variation,
      others: others.map(({ places, begins }) => ({
        ...spanOf({ places }),
        blocks: places.length,
        ...(begins && { begins }),
      })),
    }),
  ];
}
