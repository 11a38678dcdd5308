// Finds a network card that moved the same bytes under rising targets, well below its stated speed: it is shaped, or slower than stated.

import type { Evidence, ShapedCard, UnexplainedCeiling } from '../evidence.ts';
import { generatorNode } from './resource-use.ts';
import { mean, normalMad, quantile } from '../../../core/statistics/statistics.ts';

/** A steady level may be chance in one step, and on an otherwise idle card even in two. */
const fewestSteps = 2;
const fewestSamples = 5;
/**
 * Least share of the stated speed: usual mistakes are a factor of 2 to 10 (half duplex, bits for bytes, the next class
 * of cards).
 */
const leastShare = 0.05;

/**
 * A shaper passes the same bytes each second, within one or two percent, regardless of its queue; threads, cores and
 * disks vary more.
 *
 * @returns cards in the directions that look shaped, the fullest first
 */
export const shapedCards = (ceiling: UnexplainedCeiling, evidence: Evidence): ShapedCard[] =>
  flatCards(ceiling, evidence).filter(({ isSteady }) => isSteady);

/**
 * Medians, since a second in which senders paused or a step began is no evidence about the card. Means if seconds are
 * uneven, because a late reading moves bytes from one second to the next.
 *
 * @returns cards in the directions that moved the same bytes in each step, the fullest first
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
  // If one direction is steady, the others are too: the shaped one has the highest share of its capacity.
  return cards.toSorted((a, b) => b.level / b.use.capacity.value - a.level / a.use.capacity.value);
}

/** Standard deviation over the median, of samples without outliers. */
function spreadOf(values: readonly number[]): number {
  const level = quantile(values, 0.5);
  const deviations = values.map((value) => Math.abs(value - level));
  return level > 0 ? (normalMad * quantile(deviations, 0.5)) / level : Number.POSITIVE_INFINITY;
}
