// Decides whether a card that looks shaped is what stopped the load, and takes the bytes it moved for its capacity then.

import type { CardCeiling, LoadTestRun } from './load-test-run.ts';
import { unexplainedCeiling } from './driven-limit.ts';
import type { Evidence, ShapedCard, ShapedLimit, UnexplainedCeiling } from './evidence.ts';
import type { MeasuredStep } from './measured-step.ts';
import { wholeWithin } from './models/use.ts';
import { shapedCards } from './shaped-card.ts';
import { mean } from './statistics.ts';
import type { JudgedStep } from './step-verdict.ts';
import { suspectsOf } from './suspects.ts';

/**
 * A handler or a quota that stops the load keeps the bytes as steady as a shaper does. What a shaper adds is loss: what waits for
 * longer than its queue is dropped, and sent again. Without such counters the card is named where everything else is monitored and
 * has room.
 */
export function shapedLimit(run: LoadTestRun, evidence: Evidence): ShapedLimit | undefined {
  const ceiling = unexplainedCeiling(evidence);
  if (ceiling === undefined) return undefined;
  const cards = shapedCards(ceiling, evidence);
  const lossy = cards.filter((card) => isFuller(card, cards) && losesMore(card, ceiling, run, evidence));
  // Whoever sends counts what was lost to all receivers together: which of several cards it was stays unknown.
  const [first, ...others] = lossy;
  if (first !== undefined && others.every(({ use }) => use.node === first.use.node))
    return { ...first, proof: 'retransmits' };
  const [card] = cards;
  return card !== undefined && isOnlySuspect(card, ceiling, evidence)
    ? { ...card, proof: 'nothing-else-busy' }
    : undefined;
}

/** A card carries as much in one direction as in the other: the one that moves far less has room. */
function isFuller({ use, level }: ShapedCard, cards: readonly ShapedCard[]): boolean {
  const ofNode = cards.filter((each) => each.use.node === use.node);
  return level >= muchLess * Math.max(...ofNode.map((each) => each.level));
}

const muchLess = 0.5;

/** @returns the run with the card as fast as it was measured, in that direction */
export function withCardCeiling(run: LoadTestRun, { use, level }: ShapedLimit): LoadTestRun {
  const { device, resource, node } = use;
  const host = run.document.environment.brokers.find(({ id }) => id === node)?.host ?? node;
  const series = run.hosts.get(host);
  if (series === undefined || device === undefined) return run;
  const ceiling: CardCeiling = { device, direction: resource === 'network-in' ? 'in' : 'out', bytesPerSecond: level };
  return { ...run, hosts: new Map([...run.hosts, [host, { ...series, cardCeilings: [ceiling] }]]) };
}

/** Who sends into the card sends again: its own host what it sends, and everybody else what it receives. */
function losesMore(
  { use }: ShapedCard,
  { steps }: UnexplainedCeiling,
  { document, hosts }: LoadTestRun,
  { steps: all, policy }: Evidence,
): boolean {
  const own = document.environment.brokers.find(({ id }) => id === use.node)?.host ?? use.node;
  const senders = [...hosts].filter(([name]) => (use.resource === 'network-out') === (name === own));
  const lostIn = ({ step }: { step: MeasuredStep }): number | undefined => {
    const rates = senders.flatMap(([, { intervals }]) => {
      const read = wholeWithin(intervals, step.window).flatMap(
        ({ retransmitsPerSecond }) => retransmitsPerSecond ?? [],
      );
      return read.length === 0 ? [] : [mean(read)];
    });
    return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0);
  };
  const sustained = all.filter(({ verdict }: JudgedStep) => verdict.kind === 'sustained').map(lostIn);
  const lost = steps.map(lostIn);
  if (lost.includes(undefined) || sustained.length === 0 || sustained.includes(undefined)) return false;
  const { retransmitsPerSecond, retransmitsRise } = policy.cause;
  const usual = mean(sustained.map((rate) => rate ?? 0));
  const least = Math.min(...lost.map((rate) => rate ?? 0));
  return least >= retransmitsPerSecond.value && least >= retransmitsRise.value * usual;
}

function isOnlySuspect({ use }: ShapedCard, ceiling: UnexplainedCeiling, evidence: Evidence): boolean {
  if (evidence.unmonitored.length > 0 || evidence.unknown.some(({ resource }) => resource === 'disk-io')) return false;
  return suspectsOf(ceiling, evidence).every(
    ({ resource, node }) => node === use.node && resource.startsWith('network-'),
  );
}
