// Chooses the period that represents the cluster of today: the latest in which traffic varied enough, else the longest such.

import type { Finding } from '../../core/documents/analysis.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { quantityText } from '../../core/text/quantity-text.ts';
import type { Block } from './blocks.ts';
import type { Regime } from './regimes.ts';

/** Number of blocks in which one level each of traffic can be detected. */
const leastBlocks = 16;
/** Rates of the upper twentieth over those of the lower one: below it a slope is made of noise. */
export const leastVariation = 1.25;

export interface Chosen {
  places: readonly number[];
  variation: number;
  isEnough: boolean;
  /** Blocks after it, that are of another cluster. */
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
  startedAt: string,
): Finding[] {
  if (regimes.length < 2) return [];
  const moment = (seconds: number) => new Date(Date.parse(startedAt) + seconds * 1000).toISOString().slice(0, 16);
  const spanOf = ({ places }: Pick<Regime, 'places'>) => ({
    from: (blocks[places[0] ?? 0] as Block).window.from,
    to: (blocks[places.at(-1) ?? 0] as Block).window.to,
  });
  const own = spanOf(chosen);
  const others = regimes.filter(({ places }) => places[0] !== undefined && spanOf({ places }).to !== own.to);
  return [
    {
      severity: chosen.isLatest ? 'info' : 'warning',
      code: 'regime-chosen',
      message: `The cluster changed ${regimes.length - 1 === 1 ? 'once' : `${regimes.length - 1} times`} in this window. The answer is of ${moment(own.from)} to ${moment(own.to)} UTC${chosen.isLatest ? ', the latest' : ', the longest time in which traffic varied enough; the cluster of today is another one'}.`,
      evidence: [
        { name: 'variation', value: chosen.variation, unit: 'ratio', source: 'p95 over p5 of the blocks of this time' },
        ...others.map((regime) => {
          const { from, to } = spanOf(regime);
          const why =
            regime.begins === 'cost-changed'
              ? 'begun where the use a message changed'
              : 'begun with a restart or another topology';
          return {
            name: `left out ${moment(from)} UTC`,
            value: quantityText(regime.places.length),
            unit: 'blocks',
            source: `${durationText(to - from)}${regime.begins ? `, ${why}` : ''}`,
          };
        }),
      ],
    },
  ];
}
