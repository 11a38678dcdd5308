// Plans a reassignment: target placement, lower bound on movement, and waves.

import type { ReassignDocument } from '../../../core/documents/reassignment.ts';
import type { Assignment } from './files.ts';
import { givenOrder, type Goal, settledBy, withFactor } from './goal.ts';
import { loadCourse } from './load-course.ts';
import { paceOf, type Span, type Traffic } from './pace.ts';
import { byName, mayHold, type PlacedPartition, type Problem, rackLimit } from './problem.ts';
import { partitionKey } from '../live/broker-load.ts';
import { isSame, planWaves } from './waves.ts';
import { AppError } from '../../../core/errors.ts';
import { named } from '../../../core/text/bilingual.ts';
import { type Balance, defaultTolerance, diskLoad, replicaLoads } from './even-loads.ts';
import { orderReplicas, type Order } from './order-replicas.ts';
import { placeReplicas, type Placement } from './place-replicas.ts';
import { type Load, outside, spread, usedBy } from './spread.ts';

export type Reassignment = Omit<ReassignDocument, 'schemaVersion' | 'findings' | 'notice' | 'notices' | 'executed'> & {
  /** How far counts exceed floor and ceiling of an even share. */
  slack: { replicas: number; leaders: number };
  /** Bytes that a plan would copy which balances numbers only. */
  bytesByNumber?: number;
};
export type ReassignmentWave = Reassignment['waves'][number];
export type KafkaPartition = ReassignmentWave['partitions'][number];

/** Concurrent moves to one broker: the default of Cruise Control (num.concurrent.partition.movements.per.broker). */
export const defaultMovesPerBroker = 5;

/**
 * @param target placement to take instead of a new one, if the cluster still allows it. @throws AppError
 *   reassignment-impossible if racks or disks allow no plan
 */
export function planReassignment(
  problem: Problem,
  {
    movesPerBroker = defaultMovesPerBroker,
    goal = { kind: 'even' },
    tolerance = defaultTolerance,
    target,
    ...traffic
  }: Traffic & {
    movesPerBroker?: number;
    goal?: Goal;
    tolerance?: number;
    target?: Assignment['partitions'] | undefined;
  } = {},
): Reassignment {
  const { partitions, brokers, live } = problem;
  const hasSizes = partitions.every(({ bytes }) => bytes !== undefined);
  const {
    replicas,
    least: leastOf,
    ...reached
  } = reach(problem, goal, { tolerance, written: traffic.written }, target);
  const arriving = (index: number) =>
    (replicas[index] as readonly number[]).filter((broker) => !partitions[index]?.replicas.includes(broker)).length;
  const moved = partitions.reduce((sum, _, index) => sum + arriving(index), 0);
  const movedBytes = partitions.reduce((sum, each, index) => sum + arriving(index) * (each.bytes ?? 0), 0);
  const removed = partitions.reduce(
    (sum, each, index) => sum + Math.max(0, each.replicas.length - (replicas[index] as readonly number[]).length),
    0,
  );
  const changed = [...partitions.keys()]
    .filter((index) => !isSame(partitions[index]?.replicas ?? [], replicas[index] ?? []))
    .sort((one, two) => byName(partitions[one] as PlacedPartition, partitions[two] as PlacedPartition));
  const paced = planWaves(partitions, replicas, { live, most: movesPerBroker }).map((wave) => ({
    wave,
    pace: paceOf(wave, problem, traffic),
  }));
  const waves = paced.map(({ wave, pace }): ReassignmentWave => {
    const steps = wave.toSorted((one, two) =>
      byName(partitions[one.index] as PlacedPartition, partitions[two.index] as PlacedPartition),
    );
    const total = steps.reduce(
      (sum, { index, to }) => sum + (to === undefined ? 0 : (partitions[index]?.bytes ?? 0)),
      0,
    );
    return {
      partitions: steps.map((step) => kafkaFormat(step.index, step.replicas)),
      ...(hasSizes && { bytes: total }),
      ...pace,
    };
  });
  const [cost, least] = hasSizes ? [movedBytes, leastOf.bytes] : [moved, leastOf.replicas];
  const etaSeconds = sumOf(waves);
  const course = loadCourse(paced, { ...problem, incoming: traffic.incoming });

  function kafkaFormat(index: number, held: readonly number[]): KafkaPartition {
    const { topic, partition } = partitions[index] as PlacedPartition;
    return { topic, partition, replicas: held.map((broker) => brokers[broker]?.id as number) };
  }

  return {
    moves: {
      replicas: moved,
      ...(hasSizes && { bytes: movedBytes }),
      ...(removed > 0 && { removed }),
      leaders: changed.filter((index) => replicas[index]?.[0] !== partitions[index]?.replicas[0]).length,
    },
    lowerBound: { replicas: leastOf.replicas, ...(hasSizes && { bytes: leastOf.bytes }) },
    gap: cost === least ? 0 : (cost - least) / (least || cost),
    waves,
    ...(etaSeconds && { etaSeconds }),
    ...(course && { course }),
    plan: {
      version: 1,
      partitions: changed.map((index) => kafkaFormat(index, replicas[index] as readonly number[])),
    },
    rollback: {
      version: 1,
      partitions: changed.map((index) => {
        const { replicas: now, logDirs } = partitions[index] as PlacedPartition;
        return { ...kafkaFormat(index, now), ...(logDirs && { log_dirs: [...logDirs] }) };
      }),
    },
    ...reached,
  };
}

/** A wave begins about 3 s after the last: brokers learn of its end, and the incoming rate is measured. */
const betweenWaves = 3;

/** Waves run one after another; those that only change the order copy nothing. */
function sumOf(waves: readonly ReassignmentWave[]): Span | undefined {
  const spans = waves.filter(({ bytes }) => bytes !== 0).map(({ etaSeconds }) => etaSeconds);
  if (spans.length === 0 || spans.includes(undefined)) return undefined;
  const between = betweenWaves * waves.length;
  const sum = (key: keyof Span) => (spans as Span[]).reduce((total, span) => total + span[key], between);
  return { low: sum('low'), mid: sum('mid'), high: sum('high') };
}

/**
 * @returns `least`: lower bound of any plan for this goal. @throws AppError reassignment-impossible if racks, disks or
 *   the number of brokers allow no plan
 */
function reach(problem: Problem, goal: Goal, balance: Balance, target?: Assignment['partitions']) {
  const settled = (target && givenOrder(problem, target)) ?? settledBy(problem, goal, balance);
  if (settled !== undefined) return asCounted(problem, settled);
  const wanted = goal.kind === 'factor' ? withFactor(problem, goal.replicas) : { problem, isPlaced: false };
  const { partitions } = wanted.problem;
  if (wanted.isPlaced) return asCounted(problem, orderReplicas(wanted.problem, balance));
  const ones = new Float64Array(partitions.length).fill(1);
  const disks = diskLoad(wanted.problem);
  const fewest = placed(wanted.problem, ones);
  const placement =
    disks.length === 0
      ? fewest
      : placed(
          wanted.problem,
          Float64Array.from(partitions, ({ bytes = 0 }) => bytes),
        );
  const loads = replicaLoads(wanted.problem, balance);
  const places = spreadReplicas(wanted.problem, placement, [...disks, ...loads.bytes, ...loads.rates]);
  for (const disk of disks) refuseTooFull(wanted.problem, disk, usedBy(disk, places));
  const { replicas, slack } = orderReplicas(wanted.problem, balance, places);
  const leastBytes = Math.max(
    placement.least,
    bytesWithoutRoom(wanted.problem),
    bytesToSpread(problem, places, loads.bytes),
  );
  return {
    replicas,
    least: { replicas: Math.max(fewest.least, leastBytes > 0 ? 1 : 0), bytes: leastBytes },
    slack: { replicas: placement.slack, leaders: slack },
    ...(disks.length > 0 && { bytesByNumber: placement.least }),
  };
}

/** @returns brokers of each partition, unordered */
function spreadReplicas(problem: Problem, { replicas, high, low }: Placement, loads: readonly Load[]): number[][] {
  const { partitions, rackOf, live } = problem;
  const places = replicas.map((held) => [...held]);
  const mayTake = (partition: number, from: number, to: number) => {
    const held = places[partition] as number[];
    if (held.includes(to) || !mayHold(problem, partitions[partition] as PlacedPartition, to)) return false;
    if (rackOf[from] === rackOf[to]) return true;
    return held.filter((place) => rackOf[place] === rackOf[to]).length < rackLimit(problem, held.length);
  };
  const costAt = (partition: number, broker: number) => {
    const { replicas: now, origin = now, bytes = 0 } = partitions[partition] as PlacedPartition;
    return origin.includes(broker) ? 0 : bytes;
  };
  spread({ places, loads, counts: { high, low }, mayTake, costAt }, live);
  return places;
}

/** @throws AppError reassignment-impossible */
function refuseTooFull({ brokers }: Problem, disk: Load, used: readonly number[]): void {
  const over = used
    .map((bytes, broker) => ({ broker, bytes: outside(disk, broker, bytes) }))
    .filter(({ bytes }) => bytes > 0)
    .sort((one, two) => two.bytes - one.bytes);
  if (over.length === 0) return;
  const excess = over.map(({ broker, bytes }) => `broker ${brokers[broker]?.id} with ${bytes} bytes too many`);
  throw new AppError(
    'reassignment-impossible',
    `no placement fits on the disks: the best one leaves ${named(excess, 3)}`,
    {
      hint: 'use brokers with larger capacity.diskBytes, or reduce retention: the two files have the current and maximum bytes of each broker',
    },
  );
}

/** If the goal itself determines the copies, their cost is the lower bound. */
function asCounted({ partitions }: Problem, { replicas, slack }: Order) {
  const least = { replicas: 0, bytes: 0 };
  for (const [index, planned] of replicas.entries()) {
    const { replicas: now, bytes = 0 } = partitions[index] as PlacedPartition;
    const coming = planned.filter((broker) => !now.includes(broker)).length;
    least.replicas += coming;
    least.bytes += coming * bytes;
  }
  return { replicas, least, slack: { replicas: 0, leaders: slack } };
}

function placed(problem: Problem, costs: Float64Array) {
  const { partitions, brokers, live } = problem;
  const cordoned = brokers.slice(0, live).filter(({ isCordoned }) => isCordoned);
  const targets = (each: PlacedPartition) =>
    brokers.slice(0, live).filter((_, broker) => mayHold(problem, each, broker)).length;
  const short = cordoned.length > 0 && partitions.find((each) => targets(each) < each.replicas.length);
  const placement = short ? undefined : placeReplicas(problem, costs);
  if (placement !== undefined) return placement;
  const why = short
    ? `${partitionKey(short)} needs ${short.replicas.length} brokers, and ${targets(short)} may hold it`
    : 'no placement keeps the limit of each rack for every partition';
  if (cordoned.length === 0) throw new AppError('reassignment-impossible', why);
  const names = named(cordoned.map(({ id }) => String(id)));
  throw new AppError(
    'reassignment-impossible',
    `${why}; all log directories are cordoned on these brokers, which get no replicas: ${names}`,
    { hint: 'remove cordoned.log.dirs from them, or add brokers' },
  );
}

/**
 * Bytes that must leave or reach brokers in any plan whose loads are within the bounds, or outside of them by no more
 * than in this plan.
 */
function bytesToSpread({ partitions, live }: Problem, places: readonly number[][], [load]: readonly Load[]): number {
  if (load === undefined || places.some(({ length }, index) => length !== partitions[index]?.replicas.length)) return 0;
  const now = usedBy(
    load,
    partitions.map(({ replicas }) => replicas.filter((broker) => broker < live)),
  );
  let [leaving, coming] = [0, 0];
  for (const [broker, after] of usedBy(load, places).entries()) {
    const [before, low, high] = [now[broker] as number, load.low[broker] as number, load.high[broker] as number];
    leaving += Math.max(0, before - Math.max(high, after));
    coming += Math.max(0, Math.min(low, after) - before);
  }
  return Math.ceil(Math.max(leaving, coming));
}

/**
 * Bytes that must leave full disks and leaving brokers in any placement: a second bound, which the flow over counts
 * ignores. A partition that loses copies can keep any copy on a disk that fits it, which costs nothing.
 */
function bytesWithoutRoom({ brokers, live, partitions, others }: Problem): number {
  const used = brokers.map(() => 0);
  for (const { replicas, bytes = 0 } of others) {
    for (const broker of replicas) if (broker < live) used[broker] = (used[broker] as number) + bytes;
  }
  let forced = 0;
  for (const { replicas, origin = replicas, bytes = 0 } of partitions) {
    if (origin.length > replicas.length) {
      const fitting = origin.filter(
        (broker) => broker < live && (brokers[broker]?.diskBytes ?? Infinity) >= bytes,
      ).length;
      forced += Math.max(0, replicas.length - fitting) * bytes;
      continue;
    }
    for (const broker of replicas) used[broker] = (used[broker] as number) + bytes;
  }
  return used.reduce((sum, held, broker) => {
    const room = broker < live ? (brokers[broker]?.diskBytes ?? Infinity) : 0;
    return sum + Math.max(0, held - room);
  }, forced);
}
