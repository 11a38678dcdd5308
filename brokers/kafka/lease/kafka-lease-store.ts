// Stores a change lease as offset metadata of a dedicated group; the group's generation fences old owners.

import {
  heartbeatV4,
  joinGroupV6,
  joinGroupV7,
  leaveGroupV4,
  metadataV10,
  metadataV9,
  offsetCommitV8,
  offsetFetchV6,
  offsetFetchV7,
  syncGroupV4,
  syncGroupV5,
} from '../library.ts';
import { seconds, systemClock } from '../../../core/clock.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { Io } from '../../driver.ts';
import type { LeaseReading, LeaseStore } from '../../lease-store.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { coordinatorErrors } from '../coordinator-wait.ts';
import { kafkaErrorNamed, kafkaErrorOf, rebalanceErrors } from '../errors.ts';
import { givenMemberId } from '../platformatic/group-member.ts';
import { createConnections } from '../wire/connections.ts';
import { findCoordinator } from '../wire/find-coordinator.ts';
import { createLinks, newestSpoken, speaks, type Link } from '../wire/links.ts';
import { leaseGroup } from './lease-group.ts';

/** A commit needs an existing topic; this one exists as soon as a group has a coordinator. */
const leaseTopic = '__consumer_offsets';
/** Not `consumer`, so that tools for consumer groups do not list it; its commit is kept while it has a member. */
const protocolType = 'plimsoll';
const protocol = 'lease';

/** A dead process is removed from the group by the time its lease has expired. */
const sessionTimeoutMs = 20_000;
/** Time for a running owner to join again, several of its heartbeats. */
const rebalanceTimeoutMs = 10_000;
/** A join is answered when all members have joined again. */
const patience = { connectMs: 3000, requestMs: rebalanceTimeoutMs + 5000 };
/** Wait for a coordinator that moves; longer before the first write, because the first group of a cluster creates the topic. */
const wait = { for: seconds(10), forFirst: seconds(30), between: seconds(0.3) };
const mostRounds = 10;

/** The topic is created with the first group of a cluster, and brokers learn of it a moment later. */
const passing: ReadonlySet<string> = new Set([...coordinatorErrors, 'UNKNOWN_TOPIC_OR_PARTITION', 'REQUEST_TIMED_OUT']);

interface Seat {
  memberId: string;
  generation: number;
}

export function openKafkaLeaseStore(name: string, config: KafkaClusterConfig): LeaseStore {
  const connections = createConnections(name, config, patience);
  const links = createLinks(connections, { take: async () => undefined });
  let coordinator: string | undefined;
  let seat: Seat = { memberId: '', generation: -1 };
  let mayHaveWritten = false;

  async function atCoordinator<Value>(
    io: Io,
    request: (link: Link) => Promise<Value>,
    longest = wait.for,
  ): Promise<Value> {
    const deadline = systemClock.monotonic() + longest;
    for (;;) {
      try {
        coordinator ??= await findCoordinator(connections, 'group', leaseGroup, io);
        return await request(await links.to(coordinator, io));
      } catch (cause) {
        io.signal.throwIfAborted();
        const isGone = cause instanceof AppError && cause.code === 'broker-unreachable';
        if (!isGone && !passing.has(kafkaErrorOf(cause)?.name ?? '')) throw withRights(cause);
        coordinator = undefined;
        if (systemClock.monotonic() >= deadline) throw await explained(cause, io);
        await systemClock.sleep(wait.between, io);
      }
    }
  }

  /** Names a lasting reason for a coordinator that is not available. */
  async function explained(cause: unknown, io: Io): Promise<unknown> {
    if (kafkaErrorOf(cause)?.name !== 'COORDINATOR_NOT_AVAILABLE') return cause;
    const partitions = await partitionsOfTopic(io);
    if (partitions === undefined) {
      return new AppError('broker-refused', `no coordinator of the lease: brokers cannot create ${leaseTopic}`, {
        cause,
        hint: 'Kafka creates it with offsets.topic.replication.factor replicas (3 by default), each on a broker with a log directory outside of cordoned.log.dirs: start brokers, or remove that setting with kafka-configs.sh',
      });
    }
    const number = leasePartition(partitions.length);
    const own = partitions.find(({ partitionIndex }) => partitionIndex === number);
    if (own === undefined || own.leaderId >= 0) return cause;
    return new AppError(
      'broker-refused',
      `no coordinator of the lease: partition ${number} of ${leaseTopic}, which stores it, has no leader`,
      { cause, hint: `start a broker that has a replica of this partition: ${named(own.replicaNodes.map(String))}` },
    );
  }

  const join = (io: Io) =>
    atCoordinator(
      io,
      (link) => {
        const api = newestSpoken(link, joinGroupV7.api, joinGroupV6.api);
        const protocols = [{ name: protocol, metadata: Buffer.alloc(0) }];
        const { memberId } = seat;
        const times = [sessionTimeoutMs, rebalanceTimeoutMs] as const;
        return link.ask('take the lease', io, api, leaseGroup, ...times, memberId, null, protocolType, protocols);
      },
      mayHaveWritten ? wait.for : wait.forFirst,
    );

  /** Assigns nothing to the members: without an assignment by the leader, no member may commit. */
  const agree = (members: readonly string[], io: Io) =>
    atCoordinator(io, (link) => {
      const api = newestSpoken(link, syncGroupV5.api, syncGroupV4.api);
      const assignments = members.map((memberId) => ({ memberId, assignment: Buffer.alloc(0) }));
      const { generation, memberId } = seat;
      const how = [null, protocolType, protocol, assignments] as const;
      return link.ask('take the lease', io, api, leaseGroup, generation, memberId, ...how);
    });

  async function leave(io: Io): Promise<void> {
    const { memberId } = seat;
    if (memberId === '') return;
    seat = { memberId: '', generation: -1 };
    await atCoordinator(io, (link) =>
      link.askForParts('leave the lease', io, leaveGroupV4.api, leaseGroup, [{ memberId }]),
    );
  }

  /** @returns undefined if the group must be joined again */
  async function enterOnce(io: Io): Promise<'entered' | 'occupied' | undefined> {
    try {
      const { memberId, generationId, leader, members } = await join(io);
      seat = { memberId, generation: generationId };
      // In each generation only the leader of the group writes. A leader stays leader when it joins again.
      if (leader !== memberId) {
        await leave(io);
        return 'occupied';
      }
      await agree(
        members.map((member) => member.memberId),
        io,
      );
      return 'entered';
    } catch (cause) {
      io.signal.throwIfAborted();
      const refusal = kafkaErrorOf(cause)?.name ?? '';
      if (refusal === 'MEMBER_ID_REQUIRED') seat = { ...seat, memberId: givenMemberId(cause) };
      else if (refusal === 'UNKNOWN_MEMBER_ID') seat = { memberId: '', generation: -1 };
      else if (!rebalanceErrors.has(refusal)) throw cause;
      return undefined;
    }
  }

  async function enter(io: Io): Promise<'entered' | 'occupied'> {
    for (let round = 1; round <= mostRounds; round++) {
      const entered = await enterOnce(io);
      if (entered !== undefined) return entered;
    }
    await leave(io);
    return 'occupied';
  }

  async function commit(text: string, io: Io): Promise<'written' | 'fenced'> {
    const { generation, memberId } = seat;
    if (memberId === '') return 'fenced';
    const partition = { partitionIndex: 0, committedOffset: 0n, committedLeaderEpoch: -1, committedMetadata: text };
    const topics = [{ name: leaseTopic, partitions: [partition] }];
    try {
      await atCoordinator(io, async (link) => {
        const beat = [leaseGroup, generation, memberId, null] as const;
        await link.ask('keep the lease', io, heartbeatV4.api, ...beat);
        await link.ask('write the lease', io, offsetCommitV8.api, ...beat, topics);
      });
      return 'written';
    } catch (cause) {
      if (rebalanceErrors.has(kafkaErrorOf(cause)?.name ?? '')) return 'fenced';
      throw cause;
    }
  }

  /**
   * Requesting the coordinator creates the topic in a cluster without groups, and before 2.8 so does its name in a request
   * for metadata, but reading must create nothing.
   */
  async function partitionsOfTopic(io: Io) {
    const { address } = await connections.bootstrap(io);
    const link = await links.to(address, io);
    const names = speaks(link.ranges, 'Metadata', metadataV10.api.version) ? [leaseTopic] : null;
    const { topics } = await link.askForParts('read the metadata', io, metadataV9.api, names, false);
    const isMissing = (code: number) => kafkaErrorNamed(code) === 'UNKNOWN_TOPIC_OR_PARTITION';
    return topics.find(({ name: topic, errorCode }) => topic === leaseTopic && !isMissing(errorCode))?.partitions;
  }

  const fetchText = async (io: Io) => {
    if (seat.memberId === '' && coordinator === undefined && (await partitionsOfTopic(io)) === undefined) return '';
    return await atCoordinator(io, async (link) => {
      const api = newestSpoken(link, offsetFetchV7.api, offsetFetchV6.api);
      const groups = [{ groupId: leaseGroup, topics: [{ name: leaseTopic, partitionIndexes: [0] }] }];
      const { topics } = await link.ask('read the lease', io, api, groups, false);
      return topics[0]?.partitions[0]?.metadata ?? '';
    });
  };

  return {
    settle: seconds(0),

    async read(io): Promise<readonly LeaseReading[]> {
      const place = `group ${leaseGroup}`;
      try {
        return [{ place, kind: 'read', text: await fetchText(io) }];
      } catch (cause) {
        return [{ place, kind: 'unreachable', fault: faultOf(cause, io) }];
      }
    },

    enter,

    async write(text, io) {
      mayHaveWritten = true;
      return await commit(text, io);
    },

    async clear(released, io) {
      if (seat.memberId === '' && !mayHaveWritten) return;
      // The group removes an owner that did not reach it for a session, but the owner's text stays.
      for (;;) {
        const left = released(await fetchText(io));
        if (left === undefined || (await commit(left, io)) === 'written') break;
        if ((await enter(io)) === 'occupied') throw new AppError('lease-lost', 'another process has entered the lease');
      }
      mayHaveWritten = false;
      await leave(io);
    },

    [Symbol.asyncDispose]: () => links[Symbol.asyncDispose](),
  };
}

/** GroupMetadataManager.partitionFor: Java's String.hashCode, and Utils.abs. */
function leasePartition(partitions: number): number {
  const hash = Buffer.from(leaseGroup).reduce((sum, byte) => (31 * sum + byte) | 0, 0);
  return Math.abs(hash) % partitions;
}

function withRights(cause: unknown): unknown {
  if (!(cause instanceof AppError) || !/AUTHORIZATION_FAILED/.test(cause.message)) return cause;
  return new AppError(cause.code, cause.message, {
    cause,
    hint: `changes need READ on group ${leaseGroup} and READ on topic ${leaseTopic}, which store the lease (docs/changes/change-lease.md)`,
  });
}
