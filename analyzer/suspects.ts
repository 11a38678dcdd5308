// Lists what may have stopped a load whose limit has no name: the likeliest first, with the measurement that would decide.

import type { Limit, SafeMaxTps } from '../core/analysis.ts';
import { constraintTexts } from '../core/documents/findings/constraint-text.ts';
import type { Evidence, UnexplainedCeiling } from './evidence.ts';
import { generatorNode, utilisation, type ResourceUse } from './resource-use.ts';
import { shapedCard } from './shaped-card.ts';
import { limitText } from './quantity-text.ts';

type Ceiling = NonNullable<Extract<SafeMaxTps, { kind: 'at-least' }>['ceiling']>;
type Suspect = Extract<Limit, { resource: unknown }>;

/** More are no help to anyone. */
const mostNamed = 4;
/** A resource that was less used than this at the ceiling is no suspect. */
const leastUse = 0.5;

export function ceilingOf(ceiling: UnexplainedCeiling, evidence: Evidence): Ceiling {
  const shaped = shapedCard(ceiling, evidence)?.use;
  const listed = [...(shaped ? [shaped] : []), ...evidence.unmonitored, ...usedMost(ceiling, evidence)];
  const suspects = listed.map(({ resource, node }): Suspect => ({ resource, node }));
  const different = [...new Map(suspects.map((each) => [limitText(each), each])).values()].slice(0, mostNamed);
  const [first] = different;
  const decidedBy =
    first === undefined
      ? 'take thread dumps, the GC log and disk latency of the brokers at that rate'
      : constraintTexts[first.resource].check.en;
  return { tps: ceiling.tps, suspects: different, decidedBy };
}

function usedMost({ steps }: UnexplainedCeiling, { steps: all, resources }: Evidence): ResourceUse[] {
  const places = steps.map((step) => all.indexOf(step));
  const highest = (use: ResourceUse) => Math.max(0, ...places.map((place) => utilisation(use, place) ?? 0));
  return resources
    .filter((use) => use.node !== generatorNode && highest(use) >= leastUse)
    .toSorted((a, b) => highest(b) - highest(a));
}
