// How much is safe after a broker, or all brokers of a zone, are lost? The others lead its share, and the first of them to be full stops it.

import type { Analysis } from '../core/analysis.ts';
import type { LoadTestRun } from './load-test-run.ts';
import { generatorNode } from './resource-use.ts';
import { bindingOf, isWithinReach, safeCeilings } from './ceilings.ts';
import { reachedTps } from './driven-limit.ts';
import type { Ceiling, Evidence } from './evidence.ts';
import { mean } from './statistics.ts';

type Loss = NonNullable<Analysis['withoutOne']>[number];

/**
 * What the lost led is led by the others, each in proportion to its own share (Kafka elects from the replicas, which a balanced
 * cluster spreads evenly; a RocketMQ producer sends to the groups that are left). A node that carried a share s of what is left of
 * 1 carries s / (1 − lost), so that it is full at (1 − lost) times the rate. Followers that are gone fetch nothing: what a leader
 * sends less for them is not counted, which errs on the safe side.
 *
 * @returns the worst first; none where only one broker, or only one host, carries everything
 */
export function withoutOne(run: LoadTestRun, evidence: Evidence): Loss[] {
  const { brokers } = run.document.environment;
  const shares = leaderShares(run);
  // Brokers on one host are lost together.
  const hosts = Map.groupBy(brokers, ({ id, host }) => host ?? id);
  const losses = [...hosts.values()].map((own) => ({
    lost: 'broker' as const,
    id: own.map(({ id }) => id).join(', '),
    own,
  }));
  const zoned = brokers.every(({ zone }) => zone !== undefined);
  const zones = zoned ? [...Map.groupBy(brokers, ({ zone }) => zone ?? '')] : [];
  const ofZones = zones.length > 1 ? zones.map(([id, own]) => ({ lost: 'zone' as const, id, own })) : [];
  const { nodes, latencies } = firstCeilings(safeCeilings(evidence), evidence);
  const firstOfOthers = leaveOut(nodes, evidence.policy);
  const reached = reachedTps(evidence);
  return [...losses, ...ofZones]
    .flatMap(({ lost, id, own }): Loss[] => {
      const gone = new Set(own.flatMap(({ id: broker, host }) => (host === undefined ? [broker] : [broker, host])));
      const share = own.reduce((sum, each) => sum + (shares.get(each.id) ?? 0), 0);
      // Who leads nothing, a slave, takes load away with it.
      if (own.length === brokers.length || share >= 1 || share === 0) return [];
      const left = 1 - share;
      // Thousands of draws of hundreds of nodes stay as they are: what does not shrink with them grows instead.
      const others = latencies
        .filter(({ limit }) => !('node' in limit) || !gone.has(limit.node))
        .map((each) => scaled(each, 1 / left));
      const first = bindingOf([...firstOfOthers(gone), ...others], evidence.policy);
      if (first === undefined) return [];
      const tps = first.low * left;
      return isWithinReach({ ...first, value: tps }, reached, evidence.policy)
        ? [{ lost, id, tps, limitedBy: first.limit }]
        : [];
    })
    .toSorted((a, b) => a.tps - b.tps);
}

/** The first resource of every node but the generator, and latencies, which do not move with what a node carries. */
function firstCeilings(ceilings: readonly Ceiling[], { policy }: Evidence) {
  const ofBrokers = ceilings.filter(({ limit }) => !('node' in limit) || limit.node !== generatorNode);
  const byNode = Map.groupBy(ofBrokers, ({ limit }) => ('resource' in limit ? limit.node : undefined));
  const nodes = [...byNode].flatMap(([node, own]): NodeCeiling[] => {
    const first = node === undefined ? undefined : bindingOf(own, policy);
    return node === undefined || first === undefined ? [] : [{ node, first }];
  });
  return { nodes, latencies: byNode.get(undefined) ?? [] };
}

interface NodeCeiling {
  node: string;
  first: Ceiling;
}

/**
 * The first of some ceilings and the first of the others have the first of all among them: what comes before each node and what comes
 * after it is bound once, and hundreds of losses of hundreds of nodes cost no more than their number.
 *
 * @returns ceilings of the nodes that are left, of which most stand for many
 */
function leaveOut(nodes: readonly NodeCeiling[], policy: Evidence['policy']): (gone: ReadonlySet<string>) => Ceiling[] {
  const bound = (ceilings: readonly (Ceiling | undefined)[]) =>
    bindingOf(
      ceilings.filter((each) => each !== undefined),
      policy,
    );
  const before: (Ceiling | undefined)[] = [undefined];
  for (const { first } of nodes) before.push(bound([before.at(-1), first]));
  const after: (Ceiling | undefined)[] = [undefined];
  for (const { first } of nodes.toReversed()) after.unshift(bound([first, after[0]]));
  return (gone) => {
    const from = nodes.findIndex(({ node }) => gone.has(node));
    const to = nodes.findLastIndex(({ node }) => gone.has(node));
    if (from < 0) return [before.at(-1)].filter((each) => each !== undefined);
    const between = nodes.slice(from, to).flatMap(({ node, first }) => (gone.has(node) ? [] : [first]));
    return [before[from], ...between, after[to + 1]].filter((each) => each !== undefined);
  };
}

/** As the brokers tell of the messages they took in; where they do not, alike. */
export function leaderShares(run: LoadTestRun): ReadonlyMap<string, number> {
  const { brokers } = run.document.environment;
  const masters = brokers.filter(({ id }) => isMaster(id));
  const told = masters.map(({ id }) => {
    const rates = (run.brokers?.get(id) ?? []).flatMap(({ messagesInPerSecond }) => messagesInPerSecond ?? []);
    return rates.length > 0 ? mean(rates) : undefined;
  });
  const sum = told.reduce<number>((total, rate) => total + (rate ?? 0), 0);
  const isTold = sum > 0 && told.every((rate) => rate !== undefined);
  return new Map(
    masters.map(({ id }, index) => [id, isTold ? (told[index] as number) / sum : 1 / Math.max(1, masters.length)]),
  );
}

/** RocketMQ names a broker `group:id`, and id 0 is the master; a slave leads nothing. */
function isMaster(id: string): boolean {
  return !/:[1-9]\d*$/.test(id);
}

function scaled(ceiling: Ceiling, factor: number): Ceiling {
  const { value, low, high, draws } = ceiling;
  return {
    ...ceiling,
    value: value * factor,
    low: low * factor,
    ...(high !== undefined && { high: high * factor }),
    draws: { low: draws.low.map((rate) => rate * factor), high: draws.high.map((rate) => rate * factor) },
  };
}
