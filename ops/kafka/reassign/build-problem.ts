// Builds a reassignment problem from assignment, brokers and sizes, and rejects inconsistent or impossible input.

import { defined } from '../../../core/defined.ts';
import { AppError } from '../../../core/errors.ts';
import type { Assignment, Brokers, Sizes } from './files.ts';
import { byName, rackLimit, type PlacedBroker, type PlacedPartition, type Problem } from './problem.ts';

export interface ReassignmentRequest {
  assignment: Assignment;
  brokers: Brokers;
  sizes?: Sizes | undefined;
  add: readonly number[];
  remove: readonly number[];
  /** Selects the topics to plan; default: all. */
  isChosen?: ((topic: string) => boolean) | undefined;
  /** Brokers whose log directories are all cordoned. */
  cordoned?: ReadonlySet<number> | undefined;
  /** New replication factor; absent if unchanged. */
  factor?: number | undefined;
  /** Whether a replica is out of sync; default: none is. */
  isLagging?: ((partition: { topic: string; partition: number }, broker: number) => boolean) | undefined;
}

/**
 * @returns `leftBehind`: number of partitions of other topics that have a replica on a leaving broker
 * @throws AppError reassignment-unreadable, reassignment-impossible, usage
 */
export function buildProblem(request: ReassignmentRequest): { problem: Problem; leftBehind: number } {
  const { assignment, brokers, remove, isChosen = () => true, isLagging = () => false, cordoned } = request;
  checkBrokers(request);
  const isLeaving = (id: number) => remove.includes(id);
  const known = [...brokers].sort(
    (one, two) => Number(isLeaving(one.id)) - Number(isLeaving(two.id)) || one.id - two.id,
  );
  const live = known.filter(({ id }) => !isLeaving(id)).length;
  if (live === 0)
    throw new AppError('reassignment-impossible', 'every broker is to be removed: no broker remains for the replicas');
  const indexOf = new Map(known.map(({ id }, index) => [id, index]));
  const bytesOf = bytesByName(request.sizes);
  const seen = new Set<string>();
  let leftBehind = 0;
  const partitions: PlacedPartition[] = [];
  const others: PlacedPartition[] = [];
  for (const { topic, partition, replicas, log_dirs: logDirs } of assignment.partitions) {
    const name = `${topic}-${partition}`;
    if (seen.has(name)) throw unreadable(`${name} is listed twice`);
    seen.add(name);
    const twice = replicas.find((id, index) => replicas.indexOf(id) !== index);
    if (twice !== undefined) throw unreadable(`${name} names broker ${twice} twice among its replicas`);
    if (logDirs !== undefined && logDirs.length !== replicas.length) {
      throw unreadable(`${name} has ${replicas.length} replicas, but ${logDirs.length} log_dirs`);
    }
    const placed = replicas.map((id) => {
      const index = indexOf.get(id);
      if (index !== undefined) return index;
      throw unreadable(`${name} has a replica on broker ${id}, which is not in the list of brokers`);
    });
    const bytes = bytesOf?.get(name);
    if (!isChosen(topic)) {
      leftBehind += Number(replicas.some(isLeaving));
      others.push({ topic, partition, replicas: placed, ...(bytes !== undefined && { bytes }) });
      continue;
    }
    if (bytesOf !== undefined && bytes === undefined) throw unreadable(`the sizes do not contain ${name}`);
    const lagging = placed.filter((_, index) => isLagging({ topic, partition }, replicas[index] as number));
    partitions.push({
      topic,
      partition,
      replicas: placed,
      ...(lagging.length > 0 && { lagging }),
      ...(logDirs && { logDirs }),
      ...(bytes !== undefined && { bytes }),
    });
  }
  if (partitions.length === 0) throw new AppError('usage', '--topics chooses none of the topics of the assignment');
  const stranger = [...(bytesOf?.keys() ?? [])].find((name) => !seen.has(name));
  if (stranger !== undefined) throw unreadable(`the sizes contain ${stranger}, which is not in the assignment`);
  partitions.sort((one, two) => (one.bytes ?? 0) - (two.bytes ?? 0) || byName(one, two));
  const placedBrokers = known.map(({ id, rack, capacity }): PlacedBroker =>
    defined({ id, rack, ...capacity, isCordoned: cordoned?.has(id) === true ? (true as const) : undefined }),
  );
  const racks = [...new Set(placedBrokers.slice(0, live).flatMap(({ rack }) => rack ?? []))].sort();
  const problem: Problem = {
    brokers: placedBrokers,
    live,
    partitions,
    others,
    racks,
    rackOf: Int32Array.from(placedBrokers.slice(0, live), ({ rack }) => (rack === undefined ? 0 : racks.indexOf(rack))),
    weights: weightsOf(placedBrokers.slice(0, live)),
  };
  checkRoom(problem, request.factor);
  return { problem, leftBehind };
}

function unreadable(message: string): AppError {
  return new AppError('reassignment-unreadable', message);
}

function checkBrokers({ brokers, add, remove, assignment }: ReassignmentRequest): void {
  const ids = new Set<number>();
  for (const { id } of brokers) {
    if (ids.has(id)) throw unreadable(`broker ${id} is listed twice`);
    ids.add(id);
  }
  const strange = [...add, ...remove].find((id) => !ids.has(id));
  if (strange !== undefined) {
    throw new AppError(
      'usage',
      `broker ${strange} of --${add.includes(strange) ? 'add' : 'remove'} is not in the list of brokers`,
      { hint: 'the list must contain all brokers after the change, and those to be removed' },
    );
  }
  const both = add.find((id) => remove.includes(id));
  if (both !== undefined) throw new AppError('usage', `broker ${both} is to be added and removed`);
  const holding = add.find((id) => assignment.partitions.some(({ replicas }) => replicas.includes(id)));
  if (holding !== undefined) {
    throw new AppError('usage', `broker ${holding} of --add already has replicas`, {
      hint: 'remove it from --add: a plan balances all brokers of the list',
    });
  }
  const staying = brokers.filter(({ id }) => !remove.includes(id));
  const bare = staying.find(({ rack }) => rack === undefined);
  if (bare !== undefined && staying.some(({ rack }) => rack !== undefined)) {
    throw unreadable(`broker ${bare.id} has no rack, but others have one: give all of them a rack, or none`);
  }
  for (const key of ['diskBytes', 'networkBytesPerSecond'] as const) {
    const without = staying.find(({ capacity }) => capacity?.[key] === undefined);
    if (without !== undefined && staying.some(({ capacity }) => capacity?.[key] !== undefined)) {
      throw unreadable(
        `broker ${without.id} has no capacity.${key}, but others have: give it for all of them, or for none`,
      );
    }
  }
}

function bytesByName(sizes: Sizes | undefined): Map<string, number> | undefined {
  if (sizes === undefined) return undefined;
  const bytes = new Map<string, number>();
  for (const { topic, partition, bytes: size } of sizes) {
    const name = `${topic}-${partition}`;
    if (bytes.has(name)) throw unreadable(`the sizes contain ${name} twice`);
    bytes.set(name, size);
  }
  return bytes;
}

/** The weight of a broker is its share of disk or link capacity, whichever is smaller. */
function weightsOf(brokers: readonly PlacedBroker[]): number[] {
  const shareOf = (key: 'diskBytes' | 'networkBytesPerSecond') => {
    const whole = brokers.reduce((sum, broker) => sum + (broker[key] ?? 0), 0);
    return brokers.map((broker) => (broker[key] === undefined ? undefined : (broker[key] * brokers.length) / whole));
  };
  const [disks, links] = [shareOf('diskBytes'), shareOf('networkBytesPerSecond')];
  return brokers.map((_, index) => Math.min(disks[index] ?? links[index] ?? 1, links[index] ?? disks[index] ?? 1));
}

/** @param factor a lower one removes replicas first; planning checks whether there is room for a higher one */
function checkRoom(problem: Problem, factor = Infinity): void {
  const { partitions, others, live, racks, rackOf, brokers } = problem;
  const copiesOf = ({ replicas }: PlacedPartition) => Math.min(replicas.length, factor);
  const wantText = (each: PlacedPartition) =>
    `${each.topic}-${each.partition} ${each.replicas.length > factor ? 'is to have' : 'has'} ${copiesOf(each)} replicas`;
  const widest = partitions.reduce((most, each) => (copiesOf(each) > copiesOf(most) ? each : most));
  if (copiesOf(widest) > live) {
    throw new AppError(
      'reassignment-impossible',
      `${wantText(widest)}, but brokers that remain: ${live}; each replica needs a separate broker`,
    );
  }
  for (const each of racks.length > 0 ? partitions : []) {
    const copies = copiesOf(each);
    const limit = rackLimit(problem, copies);
    const rooms = racks.map((_, rack) => Math.min(limit, rackOf.filter((other) => other === rack).length));
    const room = rooms.reduce((sum, rackRoom) => sum + rackRoom, 0);
    if (room >= copies) continue;
    const small = racks.filter((_, rack) => (rooms[rack] as number) < limit);
    throw new AppError(
      'reassignment-impossible',
      `${wantText(each)}, at most ${limit} per rack; ${small.map((rack) => `rack ${JSON.stringify(rack)}`).join(' and ')} is too small, so only ${room} can be placed`,
      { hint: 'add brokers to that rack, or use racks of equal size' },
    );
  }
  const staying = others.reduce(
    (sum, { bytes = 0, replicas }) => sum + bytes * replicas.filter((broker) => broker < live).length,
    0,
  );
  const needed = partitions.reduce((sum, each) => sum + (each.bytes ?? 0) * copiesOf(each), staying);
  if (!Number.isSafeInteger(needed))
    throw unreadable('the sizes add up to more bytes than can be counted exactly, 2^53');
  const disks = brokers.slice(0, live).reduce((sum, { diskBytes = Infinity }) => sum + diskBytes, 0);
  if (needed > disks) {
    throw new AppError(
      'reassignment-impossible',
      `the replicas take ${needed} bytes, and the disks of the brokers that stay hold ${disks}`,
      { hint: 'add brokers, or reduce retention' },
    );
  }
}
