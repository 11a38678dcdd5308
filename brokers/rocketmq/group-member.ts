// Implements consumer group membership: heartbeats, queue allocation, commits and leaving.

import { randomUUID } from 'node:crypto';
import type { ConsumerOptions, Io } from '../driver.ts';
import { ask } from './ask.ts';
import type { RemotingClient, TypedRequest } from './protocol/frame.ts';
import {
  encodeGetAllConsumerOffset,
  encodeQueryConsumerOffset,
  encodeUpdateConsumerOffset,
  encodeGetMaxOffset,
  encodeGetMinOffset,
} from './protocol/offset-requests.ts';
import { encodeGetConsumerListByGroup } from './protocol/client-requests.ts';
import {
  encodeHeartbeat,
  encodeUnregisterClient,
  encodeLockQueues,
  encodeUnlockQueues,
} from './protocol/member-requests.ts';
import { closeUnlisted, type TopicQueue } from './topic-queues.ts';

export function createGroupMember(client: RemotingClient, options: ConsumerOptions) {
  const { group, topic, from = 'end', commits = 'each-second', mode = 'push' } = options;
  // Java's clients use address@process#number; any text that no other member has is valid.
  const clientId = `plimsoll@${process.pid}#${randomUUID()}`;
  const subscribedAtMs = Date.now();

  const put = <Answer>(action: string, address: string, request: TypedRequest<Answer>, io: Io) =>
    ask(client, { action: `${action} of group ${group}`, address }, request, io);

  /** Sends one request per broker group. */
  async function eachBroker<Answer>(
    queues: readonly TopicQueue[],
    request: (address: string, brokerName: string, queueIds: number[]) => Promise<Answer>,
  ): Promise<Map<string, Answer>> {
    const byBroker = [...Map.groupBy(queues, ({ brokerName }) => brokerName)];
    const answers = await Promise.all(
      byBroker.map(async ([brokerName, its]) => {
        const queueIds = its.map(({ queueId }) => queueId);
        return [brokerName, await request(its[0]?.address ?? '', brokerName, queueIds)] as const;
      }),
    );
    return new Map(answers);
  }

  /** Reads the table of commits, which is only needed if QUERY_CONSUMER_OFFSET is ambiguous. */
  async function hasCommitted({ address, queueId }: TopicQueue, io: Io): Promise<boolean> {
    const commits = await put('read the commits', address, encodeGetAllConsumerOffset(), io);
    return commits.some((commit) => commit.group === group && commit.topic === topic && commit.byQueue.has(queueId));
  }

  async function commit({ address, queueId }: TopicQueue, offset: bigint, io: Io): Promise<void> {
    const request = encodeUpdateConsumerOffset({ consumerGroup: group, topic, queueId, offset });
    await put('commit', address, request, io);
  }

  return {
    /**
     * Joins the group, and keeps the membership when repeated: brokers drop a member after 120 s.
     *
     * @returns the queues without those of unlisted brokers that did not answer
     */
    async heartbeat(queues: readonly TopicQueue[], io: Io): Promise<readonly TopicQueue[]> {
      const consumer = { group, mode, from, messageModel: 'CLUSTERING', topics: [topic], subscribedAtMs } as const;
      const request = encodeHeartbeat({ clientId, consumer });
      await eachBroker(queues, (address, brokerName) =>
        put('join the members', address, request, io).catch((cause: unknown) => {
          const own = queues.filter((queue) => queue.brokerName === brokerName);
          // If all brokers are away, as in a role change of the only one, the member keeps its positions.
          if (!closeUnlisted(own, cause) || !queues.some(({ isReadable }) => isReadable)) throw cause;
        }),
      );
      return queues.filter(({ isReadable }) => isReadable);
    },

    /** @returns the share of this member, with the members known at this moment */
    async share(queues: readonly TopicQueue[], io: Io): Promise<readonly TopicQueue[]> {
      const [first] = queues;
      if (first === undefined) return [];
      const request = encodeGetConsumerListByGroup({ consumerGroup: group });
      const members = await put('list the members', first.address, request, io);
      return allocateQueues(queues, members, clientId);
    },

    /**
     * Locks queues for this member, so that none is read twice during a rebalance: members learn of each other at
     * different times. Brokers keep a lock for 60 s unless it is repeated.
     *
     * @returns the queues that this member has locked now; other members still hold the others
     */
    async lock(queues: readonly TopicQueue[], io: Io): Promise<readonly TopicQueue[]> {
      const locked = await eachBroker(queues, (address, brokerName, queueIds) => {
        const request = encodeLockQueues({ consumerGroup: group, clientId, topic, brokerName, queueIds });
        return put('take the queues', address, request, io);
      });
      return queues.filter(({ brokerName, queueId }) => locked.get(brokerName)?.includes(queueId));
    },

    async unlock(queues: readonly TopicQueue[], io: Io): Promise<void> {
      await eachBroker(queues, (address, brokerName, queueIds) => {
        const request = encodeUnlockQueues({ consumerGroup: group, clientId, topic, brokerName, queueIds });
        return put('release the queues', address, request, io);
      });
    },

    /**
     * Returns the committed position of the group. For a new group, commits the start position at once, if the group
     * commits.
     *
     * @param isNew whether the queue is newer than this member: then the group misses no message of it, as with Java's
     * clients
     */
    async startOf(queue: TopicQueue, io: Io, isNew = false): Promise<bigint> {
      const { address, queueId } = queue;
      const request = encodeQueryConsumerOffset({ consumerGroup: group, topic, queueId });
      const committed = await put('read a commit', address, request, io);
      if (committed !== undefined && (committed > 0n || (await hasCommitted(queue, io)))) return committed;
      const what = 'read the start offset';
      const start =
        from === 'start' || isNew
          ? await put(what, address, encodeGetMinOffset({ topic, queueId }), io)
          : await put(what, address, encodeGetMaxOffset({ topic, queueId }), io);
      if (commits !== 'never') await commit(queue, start, io);
      return start;
    },

    commit,

    async leave(queues: readonly TopicQueue[], io: Io): Promise<void> {
      const request = encodeUnregisterClient({ clientId, consumerGroup: group });
      await eachBroker(queues, (address) => put('leave the members', address, request, io));
    },
  };
}

/**
 * Assigns contiguous shares, the longer ones first (AllocateMessageQueueAveragely).
 *
 * @param queues in the order all members agree on: by broker name, then queue id
 * @param members client ids, which are sorted as text
 * @returns the share of `member`; empty if it is not a member, or if there are too many members for the queues
 */
export function allocateQueues<Queue>(queues: readonly Queue[], members: readonly string[], member: string): Queue[] {
  const index = members.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).indexOf(member);
  if (index < 0) return [];
  const size = Math.floor(queues.length / members.length);
  const longer = queues.length % members.length;
  const from = index * size + Math.min(index, longer);
  return queues.slice(from, from + size + (index < longer ? 1 : 0));
}
