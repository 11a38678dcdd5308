// Implements consumer group membership: join, heartbeat, commit and leave, for one topic per group.

import {
  decodeConsumerProtocolAssignment,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
  heartbeatV4,
  joinGroupV7,
  leaveGroupV4,
  offsetCommitV8,
  offsetFetchV7,
  ResponseError,
  findErrorBy,
  syncGroupV5,
  type API,
  type Connection,
} from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { commitsOf } from '../commit-from-outside.ts';
import { coordinatorErrors, onceCoordinated } from '../coordinator-wait.ts';
import { kafkaErrorOf, rebalanceErrors, toAppError } from '../errors.ts';
import { ask, askForParts } from '../wire/ask.ts';
import type { Connections } from '../wire/connections.ts';
import { findCoordinator } from '../wire/find-coordinator.ts';
import type { Leaders } from './leaders.ts';

/** Brokers accept sessions from 6 s (group.min.session.timeout.ms); a dead member keeps its partitions this long. */
const sessionTimeoutMs = 10_000;
const rebalanceTimeoutMs = 10_000;

/** The assignor's name on the wire; Java members of the same group understand it. */
const assignor = 'range';

/** Errors after which the member must join again; its partitions may have another owner. */
const rejoinErrors = new Set([...rebalanceErrors, ...coordinatorErrors]);

type Positions = ReadonlyMap<number, bigint>;

export type GroupMember = ReturnType<typeof createGroupMember>;

export function createGroupMember(connections: Connections, leaders: Leaders, group: string, topic: string) {
  let coordinator: string | undefined;
  let memberId = '';
  let generation = -1;

  async function coordinatorOf(io: Io): Promise<{ connection: Connection; address: string }> {
    coordinator ??= await findCoordinator(connections, 'group', group, io);
    return { connection: await connections.to(coordinator, io, 'coordinator'), address: coordinator };
  }

  /** Waits for the coordinator; the caller handles a lost membership. @param request evaluated for each attempt */
  function askCoordinator<Arguments extends unknown[], Response>(
    action: string,
    io: Io,
    api: API<Arguments, Response>,
    request: () => Readonly<Arguments>,
  ): Promise<Response> {
    return onceCoordinated(io, async () => {
      try {
        const { connection, address } = await coordinatorOf(io);
        return await ask(connection, { action: `${action} of group ${group}`, address }, io, api, ...request());
      } catch (cause) {
        // Only for a known coordinator: if it is unknown, no broker is reachable at all.
        const isGone = coordinator !== undefined && cause instanceof AppError && cause.code === 'broker-unreachable';
        if (isGone || coordinatorErrors.has(kafkaErrorOf(cause)?.name ?? '')) coordinator = undefined;
        if (isGone) throw toAppError({ apiId: 'COORDINATOR_NOT_AVAILABLE', message: cause.message }, { action });
        throw cause;
      }
    });
  }

  async function joinOnce(io: Io): Promise<readonly number[]> {
    const subscription = encodeConsumerProtocolSubscription({ version: 0, topics: [topic] });
    const protocols = [{ name: assignor, metadata: subscription }];
    const times = [sessionTimeoutMs, rebalanceTimeoutMs] as const;
    const seat = () => [group, ...times, memberId, null, 'consumer', protocols] as const;
    const joined = await askCoordinator('join the members', io, joinGroupV7.api, seat);
    memberId = joined.memberId;
    generation = joined.generationId;
    const isLeader = joined.leader === memberId;
    const members = joined.members.map((member) => member.memberId);
    const assignments = isLeader ? rangesOf(topic, (await leaders.of(topic, io)).length, members) : [];
    const division = () => [group, generation, memberId, null, 'consumer', assignor, assignments] as const;
    const synced = await askCoordinator('agree with the members', io, syncGroupV5.api, division);
    if (synced.assignment.length === 0) return [];
    const { assignedPartitions } = decodeConsumerProtocolAssignment(synced.assignment);
    return assignedPartitions.filter((assigned) => assigned.topic === topic).flatMap(({ partitions }) => partitions);
  }

  return {
    /** @returns the partitions assigned to this member, after the rebalance */
    async join(io: Io): Promise<readonly number[]> {
      for (;;) {
        try {
          return await joinOnce(io);
        } catch (cause) {
          io.signal.throwIfAborted();
          const refusal = kafkaErrorOf(cause)?.name ?? '';
          if (refusal === 'MEMBER_ID_REQUIRED') memberId = givenMemberId(cause);
          else if (refusal === 'UNKNOWN_MEMBER_ID') memberId = '';
          else if (!rejoinErrors.has(refusal)) throw cause;
        }
      }
    },

    /** @returns whether the member is still in the group; if not, it must join again */
    async heartbeat(io: Io): Promise<'seated' | 'rebalancing'> {
      try {
        await askCoordinator('keep the seat', io, heartbeatV4.api, () => [group, generation, memberId, null]);
        return 'seated';
      } catch (cause) {
        if (rejoinErrors.has(kafkaErrorOf(cause)?.name ?? '')) return 'rebalancing';
        throw cause;
      }
    },

    async committed(partitions: readonly number[], io: Io): Promise<Positions> {
      const groups = [{ groupId: group, topics: [{ name: topic, partitionIndexes: [...partitions] }] }];
      const answer = await askCoordinator('read the commits', io, offsetFetchV7.api, () => [groups, true]);
      const found = answer.topics.find(({ name }) => name === topic)?.partitions ?? [];
      return new Map(
        found
          .filter(({ committedOffset }) => committedOffset >= 0n)
          .map((each) => [each.partitionIndex, each.committedOffset]),
      );
    },

    /** @returns false when the group rebalances: the next owners start at the previous commit. True is no guarantee. */
    async commit(positions: Positions, io: Io): Promise<boolean> {
      if (positions.size === 0) return true;
      const commits = commitsOf(topic, positions);
      try {
        const request = () => [group, generation, memberId, null, commits] as const;
        await askCoordinator('commit', io, offsetCommitV8.api, request);
        return true;
      } catch (cause) {
        const refusal = kafkaErrorOf(cause)?.name ?? '';
        if (rejoinErrors.has(refusal)) return false;
        // Happens while replicas of the commit log are unavailable; the next commit replaces this one.
        if (refusal === 'REQUEST_TIMED_OUT') return true;
        throw cause;
      }
    },

    async leave(io: Io): Promise<void> {
      if (memberId === '') return;
      const { connection, address } = await coordinatorOf(io);
      await askForParts(connection, { action: `leave group ${group}`, address }, io, leaveGroupV4.api, group, [
        { memberId },
      ]);
      memberId = '';
    },
  };
}

/** A broker refuses the first join of a new member, and assigns its id in the refusal. */
export function givenMemberId(cause: unknown): string {
  const refusal = findErrorBy(
    cause instanceof AppError ? (cause.cause as Error) : (cause as Error),
    'code',
    ResponseError.code,
  );
  return (refusal as { response?: { memberId?: string } } | null)?.response?.memberId ?? '';
}

/** Returns contiguous ranges in the order of member ids; the first ones are larger by one if there is a remainder. */
function rangesOf(topic: string, partitions: number, members: readonly string[]) {
  return members.toSorted().map((memberId, index) => {
    const from = Math.ceil((partitions * index) / members.length);
    const to = Math.ceil((partitions * (index + 1)) / members.length);
    const assigned = Array.from({ length: to - from }, (_, offset) => from + offset);
    return {
      memberId,
      assignment: encodeConsumerProtocolAssignment({
        version: 0,
        assignedPartitions: [{ topic, partitions: assigned }],
      }),
    };
  });
}
