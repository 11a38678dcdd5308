// Finds a network card that moved the same bytes under rising targets, well below its stated speed: it looks shaped, or slower than stated.

import type { Evidence, ShapedCard, UnexplainedCeiling } from '../evidence.ts';
import { generatorNode } from './resource-use.ts';
import { mean, normalMad, quantile } from '../../../core/statistics/statistics.ts';

/** One step at a steady level may be chance; so may two on a card that does nothing else. */
const fewestSteps = 2;
const fewestSamples = 5;
/** Of the stated speed: mistakes are a factor of 2 to 10 (half duplex, bits for bytes, the next class of cards), and hardly more. */
const leastShare = 0.05;

/**
 * A shaper passes the same bytes each second, to within a per cent or two, regardless of its queue; threads, cores and
 * disks vary more.
 *
 * @returns cards in the directions that look so, the fullest first
 */
export const shapedCards = (ceiling: UnexplainedCeiling, evidence: Evidence): ShapedCard[] =>
  flatCards(ceiling, evidence).filter(({ isSteady }) => isSteady);

/**
 * Medians, since a second in which senders paused or a step began is no evidence about the card. Means where seconds are uneven: a
 * reading that comes late takes from the second after it.
 *
 * @returns cards in the directions that moved the same in each of the steps, the fullest first
 */
export function flatCards({ steps }: UnexplainedCeiling, { steps: all, resources, policy }: Evidence): ShapedCard[] {
  const { shapedSpread, flatShare } = policy.cause;
  const places = steps.map((step) => all.indexOf(step));
  if (places.length < fewestSteps) return [];
  const cards = resources.flatMap((use): ShapedCard[] => {
    if (use.kind !== 'network' || use.node === generatorNode) return [];
    const samples = places.map((place) => use.uses[place]?.series?.values ?? []);
    if (samples.some(({ length }) => length < fewestSamples)) return [];
    const isSteady = samples.every((values) => spreadOf(values) <= shapedSpread.value);
    const levels = samples.map((values) => (isSteady ? quantile(values, 0.5) : mean(values)));
    const level = mean(levels);
    const isFlat = Math.max(...levels) - Math.min(...levels) <= flatShare.value * level;
    const isLikely = level >= leastShare * use.capacity.value;
    return isFlat && isLikely ? [{ use, level, isSteady }] : [];
  });
  // If one direction is steady, all are: the shaped one has the highest share of its capacity.
  return cards.toSorted((a, b) => b.level / b.use.capacity.value - a.level / a.use.capacity.value);
}

/** Standard deviation over the median, of the samples without outliers. */
function spreadOf(values: readonly number[]): number {
  const level = quantile(values, 0.5);
  const deviations = values.map((value) => Math.abs(value - level));
  return level > 0 ? (normalMad * quantile(deviations, 0.5)) / level : Number.POSITIVE_INFINITY;
}
