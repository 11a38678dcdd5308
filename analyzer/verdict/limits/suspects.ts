// Lists possible causes of an unnamed limit: the likeliest first, with the measurement that would decide.

import type { SafeMaxTps } from '../../../core/documents/analysis.ts';
import { checkText, type Suspect } from '../../../core/documents/findings/input-findings.ts';
import type { Evidence, UnexplainedCeiling } from '../evidence.ts';
import { generatorNode, limitOf, utilisation, type ResourceUse } from './resource-use.ts';
import { shapedCards } from './shaped-card.ts';

type Ceiling = NonNullable<Extract<SafeMaxTps, { kind: 'at-least' }>['ceiling']>;

const mostNamed = 4;
/** A resource with a lower use at the ceiling is no suspect. */
const leastUse = 0.5;

export function ceilingOf(ceiling: UnexplainedCeiling, evidence: Evidence): Ceiling {
  const suspects = suspectsOf(ceiling, evidence);
  const [first] = suspects;
  const decidedBy =
    first === undefined
      ? 'take thread dumps, the GC log and disk latency of the brokers at that rate'
      : checkText(first, 'en');
  return { tps: ceiling.tps, suspects: suspects.map(limitOf), decidedBy };
}

/** Returns a card that looks shaped, then unmonitored resources, then the most used ones. */
export function suspectsOf(ceiling: UnexplainedCeiling, evidence: Evidence): (Suspect & { node: string })[] {
  const shaped = shapedCards(ceiling, evidence)[0]?.use;
  const unread = [...(shaped ? [shaped] : []), ...evidence.unmonitored].map(limitOf);
  const used = usedMost(ceiling, evidence).map((use) => ({ ...limitOf(use), isMonitored: true as const }));
  const isNew = ({ resource, node }: Suspect) =>
    !unread.some((each) => each.resource === resource && each.node === node);
  return [...unread, ...used.filter(isNew)].slice(0, mostNamed);
}

function usedMost({ steps }: UnexplainedCeiling, { steps: all, resources }: Evidence): ResourceUse[] {
  const places = steps.map((step) => all.indexOf(step));
  const highest = (use: ResourceUse) => Math.max(0, ...places.map((place) => utilisation(use, place) ?? 0));
  return resources
    .filter((use) => use.node !== generatorNode && highest(use) >= leastUse)
    .toSorted((a, b) => highest(b) - highest(a));
}
