// Decides whether a card that looks shaped limited the load, and if so uses its measured bytes as its capacity.

import { unexplainedCeiling } from './ceilings.ts';
import type { Evidence, ShapedCard, ShapedLimit, UnexplainedCeiling } from '../evidence.ts';
import type { CardCeiling, HostInterval, LoadTestRun } from '../../evidence/load-test-run.ts';
import { hostOfNode } from './resource-use.ts';
import { wholeWithin } from './resources/use.ts';
import { flatCards } from './shaped-card.ts';
import { mean, quantile } from '../../../core/statistics/statistics.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import { suspectsOf } from './suspects.ts';

/**
 * A request handler or a quota that limits the load keeps the bytes as steady as a shaper does, but only a shaper has
 * a queue in front of it: packets wait there, and dropped ones are retransmitted. A lasting queue is proof even if the
 * rate varies by the second, as on a busy host. Without such counters, the card is named only if everything else is
 * monitored and not saturated.
 */
export function shapedLimit(run: LoadTestRun, evidence: Evidence): ShapedLimit | undefined {
  const ceiling = unexplainedCeiling(evidence);
  if (ceiling === undefined) return undefined;
  const cards = flatCards(ceiling, evidence);
  const queued = cards.flatMap((card): ShapedLimit[] => {
    const proof = isFuller(card, cards) ? queueProof(card, ceiling, run, evidence) : undefined;
    return proof === 'backlog' || (proof && card.isSteady) ? [{ ...card, proof }] : [];
  });
  // A sender has one queue for all receivers, so the card it waits for is unknown if several are possible.
  const [first, ...others] = queued;
  if (first !== undefined && others.every(({ use }) => use.node === first.use.node)) return first;
  const card = cards.find(({ isSteady }) => isSteady);
  return card !== undefined && isOnlySuspect(card, ceiling, evidence)
    ? { ...card, proof: 'nothing-else-busy' }
    : undefined;
}

/** A card has the same capacity in both directions, so a direction that moves far less is not saturated. */
function isFuller({ use, level }: ShapedCard, cards: readonly ShapedCard[]): boolean {
  const ofNode = cards.filter((each) => each.use.node === use.node);
  return level >= muchLess * Math.max(...ofNode.map((each) => each.level));
}

const muchLess = 0.5;

/** @returns the run with the measured rate of this direction as the capacity of the card */
export function withCardCeiling(run: LoadTestRun, { use, level }: ShapedLimit): LoadTestRun {
  const { device, resource, node } = use;
  const host = hostOfNode(run.document.environment, node);
  const series = run.hosts.get(host);
  if (series === undefined || device === undefined) return run;
  const ceiling: CardCeiling = { device, direction: resource === 'network-in' ? 'in' : 'out', bytesPerSecond: level };
  return { ...run, hosts: new Map([...run.hosts, [host, { ...series, cardCeilings: [ceiling] }]]) };
}

/** Checks the senders into the card: its own host for outbound bytes, all other hosts for inbound bytes. */
function queueProof(
  { use }: ShapedCard,
  ceiling: UnexplainedCeiling,
  { document, hosts }: LoadTestRun,
  evidence: Evidence,
): ShapedLimit['proof'] | undefined {
  const { retransmitsPerSecond, queueBytes, queueRise } = evidence.policy.cause;
  const own = hostOfNode(document.environment, use.node);
  const senders = [...hosts].filter(([name]) => (use.resource === 'network-out') === (name === own));
  const inStep = (figure: (interval: HostInterval) => number | undefined, middle: (values: number[]) => number) => {
    return ({ step }: JudgedStep): number | undefined => {
      const of = senders.flatMap(([, { intervals }]) => {
        const read = wholeWithin(intervals, step.window).flatMap((interval) => figure(interval) ?? []);
        return read.length === 0 ? [] : [middle(read)];
      });
      return of.length === 0 ? undefined : Math.max(...of);
    };
  };
  const rises = (figureIn: (judged: JudgedStep) => number | undefined, fewest: number): boolean => {
    const usual = evidence.steps.filter(({ verdict }) => verdict.kind === 'sustained').map(figureIn);
    const there = ceiling.steps.map(figureIn);
    if (usual.length === 0 || [...usual, ...there].includes(undefined)) return false;
    const least = Math.min(...there.map((value) => value ?? 0));
    return least >= fewest && least >= queueRise.value * mean(usual.map((value) => value ?? 0));
  };
  const waiting = inStep(
    (interval) => backlogOf(interval, use.resource === 'network-out' ? use.device : undefined),
    (values) => quantile(values, 0.5),
  );
  if (rises(waiting, queueBytes.value)) return 'backlog';
  const lost = inStep((interval) => interval.retransmitsPerSecond, mean);
  return rises(lost, retransmitsPerSecond.value) ? 'retransmits' : undefined;
}

/** @returns queued bytes of one card, or of all cards; undefined if no queue was read */
function backlogOf({ network = [] }: HostInterval, device: string | undefined): number | undefined {
  const read = network.filter((link) => device === undefined || link.device === device);
  const waiting = read.flatMap(({ backlogBytes }) => backlogBytes ?? []);
  return waiting.length === 0 ? undefined : waiting.reduce((sum, bytes) => sum + bytes, 0);
}

function isOnlySuspect({ use }: ShapedCard, ceiling: UnexplainedCeiling, evidence: Evidence): boolean {
  if (evidence.unmonitored.length > 0 || evidence.unknown.some(({ resource }) => resource === 'disk-io')) return false;
  return suspectsOf(ceiling, evidence).every(
    ({ resource, node }) => node === use.node && resource.startsWith('network-'),
  );
}
