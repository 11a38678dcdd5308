// Implements consumer group membership: heartbeats, queue allocation, commits and leaving.

import { randomUUID } from 'node:crypto';
import type { ConsumerOptions, Io } from '../driver.ts';
import { allocateQueues } from './allocate-queues.ts';
import { ask } from './ask.ts';
import type { RemotingClient, Request, Response } from './protocol/frame.ts';
import { encodeGetAllConsumerOffset, parseGetAllConsumerOffset } from './protocol/get-all-consumer-offset.ts';
import { encodeGetConsumerListByGroup, parseGetConsumerListByGroup } from './protocol/get-consumer-list-by-group.ts';
import { encodeGetMaxOffset, encodeGetMinOffset, parseGetMaxOffset, parseGetMinOffset } from './protocol/queue-ends.ts';
import { encodeHeartbeat, parseHeartbeat } from './protocol/heartbeat.ts';
import { encodeLockQueues, encodeUnlockQueues, parseLockQueues, parseUnlockQueues } from './protocol/queue-locks.ts';
import { encodeQueryConsumerOffset, parseQueryConsumerOffset } from './protocol/query-consumer-offset.ts';
import { encodeUnregisterClient, parseUnregisterClient } from './protocol/unregister-client.ts';
import { encodeUpdateConsumerOffset, parseUpdateConsumerOffset } from './protocol/update-consumer-offset.ts';
import type { TopicQueue } from './topic-queues.ts';

interface GroupMember {
  /** Joins, and keeps the seat when repeated: brokers forget a member after 120 s. */
  heartbeat(queues: readonly TopicQueue[], io: Io): Promise<void>;
  /** @returns its share as the members of this moment divide the queues */
  share(queues: readonly TopicQueue[], io: Io): Promise<readonly TopicQueue[]>;
  /**
   * Queues are taken for this member alone, so that none is read twice during a rebalance: members
   * learn of each other at different times. Brokers keep a lock for 60 s unless it is repeated.
   *
   * @returns those it has now; the others are another member's still
   */
  lock(queues: readonly TopicQueue[], io: Io): Promise<readonly TopicQueue[]>;
  unlock(queues: readonly TopicQueue[], io: Io): Promise<void>;
  /**
   * The committed position of the group. A new group starts at a position that is committed at once, if the group commits.
   *
   * @param isNew the queue came after this member: the group misses nothing of it, as with Java's clients
   */
  startOf(queue: TopicQueue, io: Io, isNew?: boolean): Promise<bigint>;
  commit(queue: TopicQueue, offset: bigint, io: Io): Promise<void>;
  leave(queues: readonly TopicQueue[], io: Io): Promise<void>;
}

export function createGroupMember(client: RemotingClient, options: ConsumerOptions): GroupMember {
  const { group, topic, from = 'end', commits = 'each-second', mode = 'push' } = options;
  // Java's are address@process#number; any text that no other member has will do.
  const clientId = `plimsoll@${process.pid}#${randomUUID()}`;
  const subscribedAtMs = Date.now();

  const put = <Answer>(
    action: string,
    address: string,
    request: Request,
    parse: (response: Response) => Answer,
    io: Io,
  ): Promise<Answer> => ask(client, { action: `${action} of group ${group}`, address }, request, parse, io);

  /** One request per broker group. */
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

  /** Asked only where QUERY_CONSUMER_OFFSET leaves it open. */
  async function hasCommitted({ address, queueId }: TopicQueue, io: Io): Promise<boolean> {
    const commits = await put('read the commits', address, encodeGetAllConsumerOffset(), parseGetAllConsumerOffset, io);
    return commits.some((commit) => commit.group === group && commit.topic === topic && commit.byQueue.has(queueId));
  }

  async function commit({ address, queueId }: TopicQueue, offset: bigint, io: Io): Promise<void> {
    const request = encodeUpdateConsumerOffset({ consumerGroup: group, topic, queueId, offset });
    await put('commit', address, request, parseUpdateConsumerOffset, io);
  }

  return {
    async heartbeat(queues, io) {
      const consumer = { group, mode, from, messageModel: 'CLUSTERING', topics: [topic], subscribedAtMs } as const;
      const request = encodeHeartbeat({ clientId, consumer });
      await eachBroker(queues, (address) => put('join the members', address, request, parseHeartbeat, io));
    },

    async share(queues, io) {
      const [first] = queues;
      if (first === undefined) return [];
      const request = encodeGetConsumerListByGroup({ consumerGroup: group });
      const members = await put('list the members', first.address, request, parseGetConsumerListByGroup, io);
      return allocateQueues(queues, members, clientId);
    },

    async lock(queues, io) {
      const locked = await eachBroker(queues, (address, brokerName, queueIds) => {
        const request = encodeLockQueues({ consumerGroup: group, clientId, topic, brokerName, queueIds });
        return put('take the queues', address, request, parseLockQueues, io);
      });
      return queues.filter(({ brokerName, queueId }) => locked.get(brokerName)?.includes(queueId));
    },

    async unlock(queues, io) {
      await eachBroker(queues, (address, brokerName, queueIds) => {
        const request = encodeUnlockQueues({ consumerGroup: group, clientId, topic, brokerName, queueIds });
        return put('release the queues', address, request, parseUnlockQueues, io);
      });
    },

    async startOf(queue, io, isNew = false) {
      const { address, queueId } = queue;
      const request = encodeQueryConsumerOffset({ consumerGroup: group, topic, queueId });
      const committed = await put('read a commit', address, request, parseQueryConsumerOffset, io);
      if (committed !== undefined && (committed > 0n || (await hasCommitted(queue, io)))) return committed;
      const what = 'read the start offset';
      const start =
        from === 'start' || isNew
          ? await put(what, address, encodeGetMinOffset({ topic, queueId }), parseGetMinOffset, io)
          : await put(what, address, encodeGetMaxOffset({ topic, queueId }), parseGetMaxOffset, io);
      if (commits !== 'never') await commit(queue, start, io);
      return start;
    },

    commit,

    async leave(queues, io) {
      const request = encodeUnregisterClient({ clientId, consumerGroup: group });
      await eachBroker(queues, (address) => put('leave the members', address, request, parseUnregisterClient, io));
    },
  };
}
