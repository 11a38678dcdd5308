// Starts a load test on a cluster that has lost brokers: waits until they are down and leadership has moved.

import type { ClusterConfig } from '../../brokers/config.ts';
import type { ClusterInspector } from '../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import { isOnLoopback, type AddressedBroker } from '../../core/broker-hosts.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import type { Partition } from '../../core/cluster.ts';
import type { DegradedStart } from '../../core/documents/degraded-start.ts';
import { AppError } from '../../core/errors.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import { hostsOfBrokers } from '../observe/host-names.ts';
import type { RunRequest } from './run-request.ts';

/** Values of `--degraded` and `--predicted-by`. */
interface WantedDegraded {
  lost: readonly string[];
  predictedBy?: NonNullable<DegradedStart['predictedBy']> & { topic?: string };
}

/** @throws AppError usage; run-missing, run-unreadable for the run with the prediction */
export async function wantedDegraded(
  { degraded: lost, predictedBy: directory }: Pick<RunRequest, 'degraded' | 'predictedBy'>,
  { signal }: { signal: AbortSignal },
): Promise<WantedDegraded | undefined> {
  if (lost === undefined) {
    if (directory === undefined) return undefined;
    throw new AppError('usage', '--predicted-by needs --degraded', {
      hint: 'name the broker that is down: --degraded 2',
    });
  }
  if (directory === undefined) return { lost: [...new Set(lost)] };
  const { id, origin, workload } = await readRunDocument(directory, signal);
  if (origin !== 'load-test') throw new AppError('usage', `--predicted-by: ${directory} is not a load test`);
  const { topic } = workload;
  return { lost: [...new Set(lost)], predictedBy: { id, directory, ...(topic !== undefined && { topic }) } };
}

interface DegradedParts {
  wanted: WantedDegraded;
  /** State recorded by an earlier attempt: a resumed run waits again, and keeps it. */
  recorded?: DegradedStart | undefined;
  topics: readonly string[];
  inspector: Pick<ClusterInspector, 'snapshot' | 'describe'>;
  clock: Clock;
  tell(text: string): void;
}

/** A RocketMQ name server lists a killed broker for two more minutes. */
const patienceSeconds = 180;
const pause = seconds(1);

/**
 * Stops and changes nothing. Topics must already exist, because new topics would have no replica on the lost brokers.
 *
 * @throws AppError usage if a topic or broker does not exist; not-ready if a broker stays up or a partition has no leader
 */
export async function awaitDegraded(
  { wanted: { lost, predictedBy }, recorded, topics, inspector, clock, tell }: DegradedParts,
  io: { signal: AbortSignal },
): Promise<DegradedStart> {
  const started = clock.monotonic();
  const gone = new Set(lost);
  let reported: string | undefined;
  let clearSince: number | undefined;
  let isFirst = true;
  for (;;) {
    const snapshot = await inspector.snapshot(io, { topics, groups: [] });
    const partitions = partitionsOf(snapshot, topics);
    if (isFirst && recorded === undefined) {
      refuseUnknown(lost, snapshot, partitions);
      const unlisted = unlistedFollowers(snapshot, lost);
      if (unlisted.length > 0) {
        tell(`--degraded: ${unlisted.join(', ')} is not listed: check that it is the id of a broker that was stopped`);
      }
    }
    isFirst = false;
    const down = obstacleOf(snapshot, partitions, gone);
    const waitedSeconds = clock.monotonic() - started;
    clearSince = down === undefined ? (clearSince ?? waitedSeconds) : undefined;
    const electing = electingGroups(snapshot, lost);
    const isEarly = waitedSeconds < (clearSince ?? 0) + electionPatience(snapshot);
    const obstacle = down ?? (electing.length > 0 && isEarly ? `${electing.join(', ')} may elect a master` : undefined);
    if (obstacle === undefined && recorded !== undefined) return recorded;
    if (obstacle === undefined) {
      return {
        lost: [...lost],
        waitedSeconds,
        copies: copiesLeft(partitions, gone),
        ...(predictedBy && { predictedBy: { id: predictedBy.id, directory: predictedBy.directory } }),
      };
    }
    if (down !== undefined && waitedSeconds >= patienceSeconds) {
      const elected = 'if its group elected another master, name the id that is no longer listed; else ';
      throw new AppError('not-ready', `--degraded: ${down} after ${patienceSeconds} s`, {
        hint: `${electing.length > 0 ? elected : ''}stop the broker and start the run again; plimsoll does not stop brokers`,
      });
    }
    if (obstacle !== reported) tell(`--degraded: waiting, since ${obstacle}`);
    reported = obstacle;
    await clock.sleep(pause, io);
  }
}

function partitionsOf({ topics: found }: ClusterSnapshot, topics: readonly string[]): Partition[] {
  const missing = topics.filter((name) => !found.some((topic) => topic.name === name));
  if (missing.length > 0) {
    throw new AppError('usage', `--degraded needs an existing topic; missing: ${missing.join(', ')}`, {
      hint: 'keep the topic of an earlier run with --keep-topic, and name it with --topic or --predicted-by',
    });
  }
  return found.flatMap(({ name, partitions }) => (topics.includes(name) ? [...partitions] : []));
}

/**
 * A stopped broker is identified by its replicas. A group that was stopped completely leaves
 * no trace, so only the format of its ids is checked.
 */
function refuseUnknown(lost: readonly string[], { cluster }: ClusterSnapshot, partitions: readonly Partition[]): void {
  const { copies, brokerId } = traitsOf(cluster.kind);
  const up = cluster.brokers.map(({ id }) => id);
  if (copies === 'own-group') {
    const names = lost.filter((id) => brokerId.group(id) === id);
    if (names.length === 0) return;
    throw new AppError('usage', `--degraded: ${names.join(', ')} has no broker id`, {
      hint: `name a broker as ${names[0]}:0; brokers listed: ${up.toSorted().join(', ')}`,
    });
  }
  const known = new Set([...up, ...partitions.flatMap(({ replicas }) => replicas)]);
  const unknown = lost.filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  throw new AppError('usage', `--degraded: broker ${unknown.join(', ')} has no replica of the topic`, {
    hint: `brokers with replicas: ${[...known].toSorted().join(', ')}`,
  });
}

/** @returns lost ids of groups that are up; an id that no broker ever had looks the same */
function unlistedFollowers({ cluster }: ClusterSnapshot, lost: readonly string[]): string[] {
  const { copies, brokerId } = traitsOf(cluster.kind);
  if (copies !== 'own-group') return [];
  const up = cluster.brokers.map(({ id }) => id);
  const groups = new Set(up.map(brokerId.group));
  return lost.filter((id) => !up.includes(id) && !brokerId.canLead(id) && groups.has(brokerId.group(id)));
}

/** An elected master takes over the id of the lost one. @returns groups that lost a master and have another member */
function electingGroups({ cluster }: ClusterSnapshot, lost: readonly string[]): string[] {
  const { copies, brokerId } = traitsOf(cluster.kind);
  if (copies !== 'own-group') return [];
  const left = new Set(cluster.brokers.flatMap(({ id }) => (lost.includes(id) ? [] : brokerId.group(id))));
  return [...new Set(lost.filter(brokerId.canLead).map(brokerId.group))].filter((group) => left.has(group));
}

/** Time until an elected master is listed, including its registration. */
const electionPatience = ({ cluster }: ClusterSnapshot) => traitsOf(cluster.kind).failover.electionSeconds + 10;

function obstacleOf(
  { cluster }: ClusterSnapshot,
  partitions: readonly Partition[],
  gone: ReadonlySet<string>,
): string | undefined {
  const up = cluster.brokers.filter(({ id }) => gone.has(id)).map(({ id }) => id);
  if (up.length > 0) return `broker ${up.join(', ')} is up`;
  // Queues of a RocketMQ group without its only master are readable from a slave, but reject sends.
  if (traitsOf(cluster.kind).copies === 'own-group') return undefined;
  const left = partitions.filter(({ replicas }) => replicas.some((id) => !gone.has(id)));
  const waiting = left.filter(({ leader }) => leader === undefined || gone.has(leader)).length;
  if (waiting > 0) return `${waiting} partitions have no leader`;
  return left.length === 0 ? 'no partition has a replica on another broker' : undefined;
}

/** Remaining copies of a message, mean over the partitions. */
function copiesLeft(partitions: readonly Partition[], gone: ReadonlySet<string>): number {
  const counts = partitions.map(({ replicas }) => replicas.filter((id) => !gone.has(id)).length).filter((n) => n > 0);
  return counts.length === 0 ? 1 : counts.reduce((sum, count) => sum + count, 0) / counts.length;
}

interface BrokersLeft {
  /** Brokers listed before the wait. */
  before: readonly AddressedBroker[];
  left: readonly AddressedBroker[];
  lost: readonly string[];
}

/**
 * In a RocketMQ group, an election gives the id of a lost master to another member, so the config may state another
 * host for the id. The address shows the host, or the id under which the member was listed before.
 *
 * @returns hosts without those of masters that cannot be determined
 */
export function hostsLeft(
  { before, left, lost }: BrokersLeft,
  { broker: kind, brokers: stated }: Pick<ClusterConfig, 'broker' | 'brokers'>,
  hosts: HostsConfig,
): ClusterConfig['brokers'] {
  const { copies, brokerId } = traitsOf(kind);
  const byId = hostsOfBrokers(left, stated, hosts);
  const byAddress = hostsOfBrokers(left, {}, hosts);
  const hostOf = (broker: AddressedBroker) => {
    const { id, address } = broker;
    const [found, configured] = [byAddress[id], byId[id]];
    const ofGroup = (other: string) => brokerId.group(other) === brokerId.group(id);
    const lostMembers = lost.filter(ofGroup);
    if (copies !== 'own-group' || lostMembers.length === 0 || found?.host === configured?.host) return configured;
    // A loopback address may be a tunnel to any host.
    if (found !== undefined && !isOnLoopback(broker)) {
      const [its, ...others] = Object.entries(stated).filter(
        ([other, { host }]) => ofGroup(other) && host === found.host,
      );
      return its === undefined || others.length > 0 ? found : its[1];
    }
    const earlier = before.find((each) => each.address === address);
    if (earlier !== undefined && earlier.id !== id) return stated[earlier.id];
    return brokerId.canLead(id) && earlier === undefined ? undefined : configured;
  };
  return Object.fromEntries(
    left.flatMap((broker) => {
      const its = hostOf(broker);
      return its === undefined ? [] : [[broker.id, its]];
    }),
  );
}
