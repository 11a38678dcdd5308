// Which replicas move where so that the cluster is even, what is the least that could move, and in which waves does it go?

import { AppError } from '../../../core/errors.ts';
import { fitDisks } from './fit-disks.ts';
import { orderReplicas } from './order-replicas.ts';
import { paceOf, type Pace, type Span } from './pace.ts';
import { placeReplicas } from './place-replicas.ts';
import type { PlacedPartition, Problem } from './problem.ts';
import { planWaves } from './waves.ts';

export interface KafkaPartition {
  topic: string;
  partition: number;
  replicas: number[];
  log_dirs?: string[];
}

/** What kafka-reassign-partitions.sh reads and writes. */
export interface KafkaAssignment {
  version: 1;
  partitions: KafkaPartition[];
}

export interface ReassignmentWave extends Pace {
  partitions: KafkaPartition[];
  bytes?: number;
}

export interface Reassignment {
  moves: { replicas: number; bytes?: number; leaders: number };
  lowerBound: { replicas: number; bytes?: number };
  /** (moves − bound) / bound, over bytes where sizes are given; 0 where nothing has to move. */
  gap: number;
  waves: ReassignmentWave[];
  etaSeconds?: Span;
  plan: KafkaAssignment;
  rollback: KafkaAssignment;
  /** How far beyond floor and ceiling of an even share brokers lie. */
  slack: { replicas: number; leaders: number };
}

/** Moves that come to one broker at a time: what Cruise Control allows (num.concurrent.partition.movements.per.broker). */
export const defaultMovesPerBroker = 5;

/**
 * @param incoming bytes per second a broker takes in at its busiest
 * @throws AppError reassignment-impossible where racks or disks allow no plan
 */
export function planReassignment(
  problem: Problem,
  { incoming, movesPerBroker = defaultMovesPerBroker }: { incoming?: number; movesPerBroker?: number } = {},
): Reassignment {
  const { partitions, brokers, live } = problem;
  const hasSizes = partitions.every(({ bytes }) => bytes !== undefined);
  const ones = new Float64Array(partitions.length).fill(1);
  const bytes = Float64Array.from(partitions, (partition) => partition.bytes ?? 1);
  const fewest = placed(problem, ones);
  const placement = hasSizes ? placed(problem, bytes) : fewest;
  const fitting = hasSizes ? fitDisks(problem, placement) : placement.replicas;
  if (fitting === undefined) {
    throw new AppError('reassignment-impossible', 'no placement was found that the disks hold', {
      hint: 'give brokers with larger capacity.diskBytes, or keep less data: what each holds now and may hold is in the two files',
    });
  }
  const { replicas, slack } = orderReplicas(problem, fitting);
  const arriving = (index: number) =>
    (replicas[index] as readonly number[]).filter((broker) => !partitions[index]?.replicas.includes(broker)).length;
  const moved = partitions.reduce((sum, _, index) => sum + arriving(index), 0);
  const movedBytes = partitions.reduce((sum, each, index) => sum + arriving(index) * (each.bytes ?? 0), 0);
  const changed = [...partitions.keys()]
    .filter((index) => replicas[index]?.some((broker, place) => broker !== partitions[index]?.replicas[place]))
    .sort((one, two) => byName(partitions[one] as PlacedPartition, partitions[two] as PlacedPartition));
  const waves = planWaves(partitions, replicas, { live, most: movesPerBroker }).map((wave): ReassignmentWave => {
    const steps = wave.toSorted((one, two) =>
      byName(partitions[one.index] as PlacedPartition, partitions[two.index] as PlacedPartition),
    );
    const total = steps.reduce(
      (sum, { index, to }) => sum + (to === undefined ? 0 : (partitions[index]?.bytes ?? 0)),
      0,
    );
    return {
      partitions: steps.map((step) => inKafkasWords(step.index, step.replicas)),
      ...(hasSizes && { bytes: total }),
      ...paceOf(wave, { brokers, partitions, incoming }),
    };
  });
  const leastBytes = Math.max(placement.least, bytesWithoutRoom(problem));
  const [cost, least] = hasSizes ? [movedBytes, leastBytes] : [moved, fewest.least];
  const etaSeconds = sumOf(waves);

  function inKafkasWords(index: number, held: readonly number[]): KafkaPartition {
    const { topic, partition } = partitions[index] as PlacedPartition;
    return { topic, partition, replicas: held.map((broker) => brokers[broker]?.id as number) };
  }

  return {
    moves: {
      replicas: moved,
      ...(hasSizes && { bytes: movedBytes }),
      leaders: changed.filter((index) => replicas[index]?.[0] !== partitions[index]?.replicas[0]).length,
    },
    lowerBound: { replicas: fewest.least, ...(hasSizes && { bytes: leastBytes }) },
    gap: cost === least ? 0 : (cost - least) / least,
    waves,
    ...(etaSeconds && { etaSeconds }),
    plan: {
      version: 1,
      partitions: changed.map((index) => inKafkasWords(index, replicas[index] as readonly number[])),
    },
    rollback: {
      version: 1,
      partitions: changed.map((index) => {
        const { replicas: now, logDirs } = partitions[index] as PlacedPartition;
        return { ...inKafkasWords(index, now), ...(logDirs && { log_dirs: [...logDirs] }) };
      }),
    },
    slack: { replicas: placement.slack, leaders: slack },
  };
}

function placed(problem: Problem, costs: Float64Array) {
  const placement = placeReplicas(problem, costs);
  if (placement !== undefined) return placement;
  throw new AppError('reassignment-impossible', 'no placement keeps the limit of each rack for every partition');
}

/** What has to leave full disks and leaving brokers, however it is placed: a second bound, which no flow of counts sees. */
function bytesWithoutRoom({ brokers, live, partitions }: Problem): number {
  const used = brokers.map(() => 0);
  for (const { replicas, bytes = 0 } of partitions) {
    for (const broker of replicas) used[broker] = (used[broker] as number) + bytes;
  }
  return used.reduce((sum, held, broker) => {
    const room = broker < live ? (brokers[broker]?.diskBytes ?? Infinity) : 0;
    return sum + Math.max(0, held - room);
  }, 0);
}

function byName(one: PlacedPartition, two: PlacedPartition): number {
  return one.topic === two.topic ? one.partition - two.partition : one.topic < two.topic ? -1 : 1;
}

/** Waves follow each other; waves of order alone take no time worth telling. */
function sumOf(waves: readonly ReassignmentWave[]): Span | undefined {
  const spans = waves.filter(({ bytes }) => bytes !== 0).map(({ etaSeconds }) => etaSeconds);
  if (spans.length === 0 || spans.includes(undefined)) return undefined;
  const sum = (key: keyof Span) => (spans as Span[]).reduce((total, span) => total + span[key], 0);
  return { low: sum('low'), mid: sum('mid'), high: sum('high') };
}
