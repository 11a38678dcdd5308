// Lists what may have stopped a load whose limit has no name: the likeliest first, with the measurement that would decide.

import type { Limit, SafeMaxTps } from '../core/analysis.ts';
import type { Evidence, UnexplainedCeiling } from './evidence.ts';
import { bitRateText, limitText, nodeText } from './quantity-text.ts';
import { generatorNode, utilisation, type ResourceUse } from './resource-use.ts';
import { shapedCard, type ShapedCard } from './shaped-card.ts';

type Ceiling = NonNullable<Extract<SafeMaxTps, { kind: 'at-least' }>['ceiling']>;

/** More are no help to anyone. */
const mostNamed = 4;
/** A resource that was less used than this at the ceiling is no suspect. */
const leastUse = 0.5;

export function ceilingOf(ceiling: UnexplainedCeiling, evidence: Evidence): Ceiling {
  const shaped = shapedCard(ceiling, evidence);
  const used = usedMost(ceiling, evidence).filter(({ node, resource }) => !isOf(shaped, node, resource));
  const unmonitored = evidence.unmonitored.map(({ limit }) => limit);
  const suspects: Limit[] = [
    ...(shaped ? [{ resource: shaped.use.resource, node: shaped.use.node }] : []),
    ...unmonitored,
    ...used.map(({ resource, node }) => ({ resource, node })),
  ];
  return { tps: ceiling.tps, suspects: suspects.slice(0, mostNamed), decidedBy: decidedBy(shaped, evidence, used) };
}

const isOf = (shaped: ShapedCard | undefined, node: string, resource: string) =>
  shaped?.use.node === node && shaped.use.resource === resource;

function usedMost({ steps }: UnexplainedCeiling, { steps: all, resources }: Evidence): ResourceUse[] {
  const places = steps.map((step) => all.indexOf(step));
  const highest = (use: ResourceUse) => Math.max(0, ...places.map((place) => utilisation(use, place) ?? 0));
  return resources
    .filter((use) => use.node !== generatorNode && highest(use) >= leastUse)
    .toSorted((a, b) => highest(b) - highest(a));
}

function decidedBy(shaped: ShapedCard | undefined, { unmonitored }: Evidence, [used]: readonly ResourceUse[]): string {
  if (shaped) {
    const { use, level } = shaped;
    return `${limitText(use)} moved a steady ${bitRateText(level * 8)} whatever was sent: check its speed with \`ethtool\`, and shapers with \`tc -s qdisc\``;
  }
  const [first] = unmonitored;
  if (first) return first.decidedBy;
  return used === undefined
    ? 'a profile of the brokers at that rate: thread dumps, GC log, disk latency'
    : `a second run with more of ${used.resource} at ${nodeText(used.node)}`;
}
