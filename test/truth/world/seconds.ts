// Simulates each second of a load test on a world.

import { gaussianOf, randomOf } from './random.ts';
import { firstOf, fullLimits } from './true-limits.ts';
import {
  judgedResources,
  messagesPerRequest,
  useAt,
  type HostUse,
  type JudgedResource,
  type PassingUse,
  type Scatter,
  type World,
} from './world.ts';

export interface Second {
  /** End of the second on the run's clock. */
  at: number;
  /** Absent during warm-up. */
  step: number | undefined;
  targetTps: number;
  acknowledged: number;
  requests: number;
  /** Messages of one group. */
  consumed: number;
  lag: number;
  generatorBusy: number;
  latencySeconds: number;
  replicasBehind: boolean;
  /** Use by host name, in the units of the laws. */
  uses: ReadonlyMap<string, Partial<Record<JudgedResource, number>>>;
}

/** The throughput of a saturated cluster varies slightly from second to second. */
const breathing = 0.005;

/** A saturated resource sustains exactly its capacity; excess load waits, in the client or in the log. */
export function* simulate(world: World): Generator<Second> {
  const random = randomOf(world.seed * 2_654_435_761);
  const gaussian = gaussianOf(random);
  const produceLimit = produceLimitOf(world);
  const consumeLimit = firstOf(fullLimits(world)).tps;
  const phases = [
    { step: undefined, targetTps: world.steps[0]?.targetTps ?? 0, durationSeconds: world.warmUpSeconds },
    ...world.steps.map((step, index) => ({ ...step, step: index })),
  ];
  const meters = world.hosts.flatMap((host) =>
    judgedResources.flatMap((resource) => {
      const use = host.uses[resource];
      return use ? [{ host, resource, use, next: secondsOfUse(use, random, gaussian) }] : [];
    }),
  );
  let at = 0;
  let backlog = 0;
  let lag = 0;
  for (const { step, targetTps, durationSeconds } of phases) {
    const offsets = meters.map(({ use }) => 1 + use.scatter.step * gaussian());
    for (let second = 0; second < durationSeconds; second += 1) {
      at += 1;
      const offered = targetTps + backlog;
      const breath = 1 + breathing * gaussian();
      const acknowledged = shared(
        Math.min(offered, produceLimit * breath, world.generatorTps ?? Number.POSITIVE_INFINITY),
        world.workers,
      );
      backlog = Math.max(0, offered - acknowledged);
      const consumed = world.groups > 0 ? Math.floor(Math.min(acknowledged + lag, consumeLimit * breath)) : 0;
      lag = world.groups > 0 ? lag + acknowledged - consumed : 0;
      const carried = world.groups > 0 ? Math.min(acknowledged, consumed) : acknowledged;
      const uses = new Map<string, Partial<Record<JudgedResource, number>>>();
      let busiest = 0;
      for (const [index, { host, resource, use, next }] of meters.entries()) {
        const ofLaw = useAt(use.law, world.batching, resource === 'network-out' ? carried : acknowledged);
        const warm =
          resource === 'cpu' && host.warmUp ? 1 + host.warmUp.share * Math.exp(-at / host.warmUp.seconds) : 1;
        const passing = passingAt(world.passing, host.name, resource, at);
        const amount = Math.min(use.capacity, Math.max(0, next(ofLaw) * (offsets[index] as number) * warm + passing));
        busiest = Math.max(busiest, amount / use.capacity);
        const own = uses.get(host.name) ?? {};
        own[resource] = amount;
        uses.set(host.name, own);
      }
      const { replicasBehind } = world;
      yield {
        at,
        step,
        targetTps,
        acknowledged,
        requests: Math.max(1, Math.round(acknowledged / messagesPerRequest(world.batching, acknowledged))),
        consumed,
        lag,
        generatorBusy: world.generatorTps === undefined ? 0.2 : Math.min(0.99, acknowledged / world.generatorTps),
        latencySeconds: 0.002 / (1 - Math.min(0.95, busiest)) + backlog / Math.max(1, acknowledged),
        replicasBehind: replicasBehind !== undefined && at > replicasBehind.from && at <= replicasBehind.to,
        uses,
      };
    }
  }
}

/** @returns the run without one of its steps, with all other seconds unchanged */
export function withoutStep(world: World, left: number): { world: World; seconds: Second[] } {
  const seconds = [...simulate(world)]
    .filter(({ step }) => step !== left)
    .map((second, index) => {
      const step = second.step === undefined || second.step < left ? second.step : second.step - 1;
      return { ...second, step, at: index + 1 };
    });
  return { world: { ...world, steps: world.steps.toSpliced(left, 1) }, seconds };
}

/** Integer messages divisible among the workers: no worker acknowledges more than its target. */
function shared(messages: number, workers: number): number {
  return workers * Math.floor(messages / workers);
}

/** If consumers lag, producers may continue until one of their resources is saturated, including required replicas. */
function produceLimitOf(world: World): number {
  const isTheirs = (resource: JudgedResource) => resource !== 'network-out' || world.groups === 0 || world.replicas > 1;
  return firstOf(fullLimits(world).filter(({ resource }) => isTheirs(resource))).tps;
}

function passingAt(passing: readonly PassingUse[], host: string, resource: JudgedResource, at: number): number {
  return passing
    .filter((each) => each.host === host && each.resource === resource && at > each.from && at <= each.to)
    .reduce((sum, { amount }) => sum + amount, 0);
}

/** @returns a function that returns the use of the next second from the mean of the law */
function secondsOfUse({ scatter, background }: HostUse, random: () => number, gaussian: () => number) {
  const noise = autoregressive(scatter.likeness, gaussian);
  const wander = autoregressive(background?.likeness ?? 0, gaussian);
  const isBurst = burstsOf(scatter.bursts, random);
  return (law: number): number => {
    const others = background ? background.mean * Math.max(0, 1 + background.deviation * wander()) : 0;
    const { outliers, bursts } = scatter;
    const odd = outliers !== undefined && random() < outliers.share ? outliers.factor : 1;
    const burst = bursts !== undefined && isBurst() ? bursts.factor : 1;
    return (law + others) * (1 + scatter.second * noise()) * odd * burst;
  };
}

/** Standard normal in the long run, for any correlation of successive values. */
function autoregressive(likeness: number, gaussian: () => number): () => number {
  let value = gaussian();
  return () => {
    const now = value;
    value = likeness * value + Math.sqrt(1 - likeness * likeness) * gaussian();
    return now;
  };
}

/** Alternates on and off with random durations, so that in the long run `share` of the seconds are on. */
function burstsOf(bursts: Scatter['bursts'], random: () => number): () => boolean {
  if (bursts === undefined) return () => false;
  let isOn = random() < bursts.share;
  const ends = 1 / bursts.seconds;
  const begins = (ends * bursts.share) / (1 - bursts.share);
  return () => {
    const now = isOn;
    isOn = isOn ? random() >= ends : random() < begins;
    return now;
  };
}
