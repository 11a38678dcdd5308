// What would a cluster of known limits have left behind? A small simulation, second by second, that the analysis never sees.

/** Everything that is true of a cluster and of the test driven against it. */
export interface Truth {
  seed: number;
  brokers: readonly BrokerTruth[];
  groups: number;
  /** Rates are even. */
  steps: readonly { targetTps: number; durationSeconds: number }[];
  warmUpSeconds: number;
  messageBytes: number;
  /** Messages a second the generator can send at most; absent when it has room. */
  generatorTps?: number;
  /** Messages in a produce request at a rate. */
  messagesPerRequest(tps: number): number;
  /** Relative noise of one second, and of one step as a whole. */
  noise: { second: number; step: number };
  /** The run is cut off after so many seconds, without an end. */
  cutOffSeconds?: number;
}

export interface BrokerTruth {
  id: string;
  /** Share of the messages that this broker leads. */
  share: number;
  linkBitsPerSecond: number;
  /** Wire bytes a second at zero load, and per message and request of this broker's share, in and out. */
  idleBytes: number;
  bytesIn: { perMessage: number; perRequest: number };
  bytesOut: { perMessage: number; perRequest: number };
  cores: number;
  idleCores: number;
  coreSecondsPerMessage: number;
  /** Extra cost while code is still being compiled, falling off with this time constant. */
  warmUp?: { share: number; seconds: number };
}

/** Every frame is full: what a counter shows is this many bytes, and 24 more pass on the wire (IEEE 802.3). */
const frameBytes = 1514;
const uncountedBytes = 24;

/** Mulberry32: small, seeded, and good enough to be noise. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Box and Muller. */
export function gaussianOf(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export type LimitTruth = { resource: 'network-in' | 'network-out' | 'cpu'; node: string; tps: number };

/** The exact rate at which each resource of each broker is full, by bisection on the truth itself. */
export function limitsOf(truth: Truth, share: { network: number; cpu: number } = { network: 1, cpu: 1 }): LimitTruth[] {
  return truth.brokers.flatMap((broker) => [
    {
      resource: 'network-in' as const,
      node: broker.id,
      tps: rateAt((tps) => wireBytes(truth, broker, 'bytesIn', tps), (share.network * broker.linkBitsPerSecond) / 8),
    },
    {
      resource: 'network-out' as const,
      node: broker.id,
      tps: rateAt((tps) => wireBytes(truth, broker, 'bytesOut', tps), (share.network * broker.linkBitsPerSecond) / 8),
    },
    {
      resource: 'cpu' as const,
      node: broker.id,
      tps: rateAt((tps) => busyCores(broker, tps), share.cpu * broker.cores),
    },
  ]);
}

export function firstLimit(truth: Truth): LimitTruth {
  return limitsOf(truth).reduce((first, limit) => (limit.tps < first.tps ? limit : first));
}

function rateAt(use: (tps: number) => number, capacity: number): number {
  let [low, high] = [0, 1e9];
  for (let round = 0; round < 200; round += 1) {
    const middle = (low + high) / 2;
    if (use(middle) < capacity) low = middle;
    else high = middle;
  }
  return low;
}

function wireBytes(truth: Truth, broker: BrokerTruth, direction: 'bytesIn' | 'bytesOut', tps: number): number {
  const { perMessage, perRequest } = broker[direction];
  const own = tps * broker.share;
  return broker.idleBytes + own * perMessage + (own / truth.messagesPerRequest(tps)) * perRequest;
}

function busyCores(broker: BrokerTruth, tps: number): number {
  return broker.idleCores + tps * broker.share * broker.coreSecondsPerMessage;
}

/** What one second of the run left in the counters. */
export interface Second {
  /** End of the second on the clock of the run. */
  at: number;
  step: number | undefined;
  targetTps: number;
  intended: number;
  acknowledged: number;
  requests: number;
  /** Messages of one group. */
  consumed: number;
  lag: number;
  generatorBusy: number;
  latencySeconds: number;
  brokers: readonly {
    id: string;
    bytesIn: number;
    bytesOut: number;
    framesIn: number;
    framesOut: number;
    busySeconds: number;
  }[];
}

/** A link that is full carries its capacity and no more; what was asked beyond it waits, in the client or in the log. */
export function* simulate(truth: Truth): Generator<Second> {
  const random = randomOf(truth.seed);
  const gaussian = gaussianOf(random);
  const produceLimit = produceLimitOf(truth);
  const consumeLimit = Math.min(...limitsOf(truth).map(({ tps }) => tps));
  const phases = [
    { step: undefined, targetTps: truth.steps[0]?.targetTps ?? 0, durationSeconds: truth.warmUpSeconds },
    ...truth.steps.map((step, index) => ({ ...step, step: index })),
  ];
  let at = 0;
  let backlog = 0;
  let lag = 0;
  for (const { step, targetTps, durationSeconds } of phases) {
    // What differs from step to step is nothing a longer step averages out.
    const offset = new Map(truth.brokers.map(({ id }) => [id, 1 + truth.noise.step * gaussian()]));
    for (let second = 0; second < durationSeconds; second += 1) {
      at += 1;
      const offered = targetTps + backlog;
      const acknowledged = even(Math.min(offered, produceLimit, truth.generatorTps ?? Number.POSITIVE_INFINITY));
      backlog = Math.max(0, offered - acknowledged);
      const consumed = truth.groups > 0 ? even(Math.min(acknowledged + lag, consumeLimit)) : 0;
      lag = truth.groups > 0 ? lag + acknowledged - consumed : 0;
      const carried = truth.groups > 0 ? Math.min(acknowledged, consumed) : acknowledged;
      yield {
        at,
        step,
        targetTps,
        intended: targetTps,
        acknowledged,
        requests: Math.max(1, Math.round(acknowledged / truth.messagesPerRequest(acknowledged))),
        consumed,
        lag,
        generatorBusy: truth.generatorTps === undefined ? 0.2 : Math.min(0.99, acknowledged / truth.generatorTps),
        latencySeconds: 0.004 + backlog / Math.max(1, acknowledged),
        brokers: truth.brokers.map((broker) => {
          const jitter = () => (offset.get(broker.id) ?? 1) * (1 + truth.noise.second * gaussian());
          const full = broker.linkBitsPerSecond / 8;
          const warm = broker.warmUp ? 1 + broker.warmUp.share * Math.exp(-at / broker.warmUp.seconds) : 1;
          const [bytesIn, bytesOut] = [
            Math.min(full, wireBytes(truth, broker, 'bytesIn', acknowledged) * jitter()),
            Math.min(full, wireBytes(truth, broker, 'bytesOut', carried) * jitter()),
          ];
          return {
            id: broker.id,
            ...counted('In', bytesIn),
            ...counted('Out', bytesOut),
            busySeconds: Math.min(broker.cores, busyCores(broker, acknowledged) * jitter() * warm),
          };
        }),
      };
    }
  }
}

/** Two workers share what is carried, and neither answers more than it was asked. */
function even(messages: number): number {
  return 2 * Math.floor(messages / 2);
}

/** Where consumers lag, producers may go on until something of theirs is full: bytes in, or cores. */
function produceLimitOf(truth: Truth): number {
  const own = limitsOf(truth).filter(({ resource }) => truth.groups === 0 || resource !== 'network-out');
  return Math.min(...own.map(({ tps }) => tps));
}

function counted<Direction extends 'In' | 'Out'>(direction: Direction, wire: number) {
  const frames = wire / (frameBytes + uncountedBytes);
  return { [`bytes${direction}`]: frames * frameBytes, [`frames${direction}`]: frames } as Record<
    `bytes${Direction}` | `frames${Direction}`,
    number
  >;
}
