// Exports messages sent by applications, and the copies that brokers stored for them.

import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { type ClusterCollector, labelled, type Measurement } from '../../collector.ts';
import { fromDetails } from './from-details.ts';

/*
 * Stored messages per business message, by the topics it passes:
 *
 *   normal          1   its own topic
 *   delayed        +1   the schedule topic (levels) or the wheel timer (5.x), before its own topic
 *   transactional  +2   the half topic and, once it is committed or rolled back, the operation topic
 *   retry          +2   each time a consumer returns it: the schedule topic, then %RETRY%<group>
 *   dead-letter    +1   %DLQ%<group>, when the retries are exhausted
 *
 * PromQL computes the sum over topics, because `deriv` needs separate series: a deleted topic would lower the result. So would a
 * topic with fewer queues, whose offsets leave the sum: a new number of queues starts another counter. `rate` would read a failover
 * to a lagging slave as a counter reset, because the end offsets decrease.
 */
export const rocketmqStoredMessages = {
  of: 'rocketmq',
  source: 'end offsets of the queues',
  cost: 'no additional cost',
  metrics: {
    rocketmq_topic_messages_total: labelled('topic', 'broker', 'kind', 'queues').counter(
      'Messages the broker has stored in the queues of the topic since the topic was made there. A change of the number of `queues` starts a new series. ' +
        'Business messages a second: sum(clamp_min(max without (instance) (deriv(…{kind="normal"}[5m])), 0)); stored messages: the same of all kinds; write amplification: sum by (kind).',
      'messages',
    ),
  },

  collect: ({ snapshot }) => fromDetails(snapshot, (details) => storedOf(snapshot, details)),
} satisfies ClusterCollector;

function* storedOf(snapshot: ClusterSnapshot, { topics }: RocketmqDetails): Iterable<Measurement> {
  const kinds = new Map(topics.map(({ name, kind }) => [name, kind]));
  for (const { topic, broker, queues, end } of wholeTopics(snapshot)) {
    const kind = kinds.get(topic);
    if (kind !== undefined)
      yield { metric: 'rocketmq_topic_messages_total', labels: [topic, broker, kind, String(queues)], value: end };
  }
}

interface StoredTopic {
  topic: string;
  /** Broker name. */
  broker: string;
  queues: number;
  /** Messages ever stored: sum of the ends of the queues. */
  end: bigint;
  /** Messages still stored; absent if the start of a queue is unknown. */
  held?: bigint;
}

/** Topics by broker name, except topics with an unread queue, whose sum would be too small. */
export function* wholeTopics({ topics, offsets }: ClusterSnapshot): Iterable<StoredTopic> {
  const read = new Map(offsets.map((queue) => [idOf(queue), queue]));
  for (const { name, partitions } of topics) {
    const byBroker = Map.groupBy(partitions, ({ brokerName }) => brokerName ?? '');
    for (const [broker, queues] of byBroker) {
      let end: bigint | undefined = 0n;
      let held: bigint | undefined = 0n;
      for (const queue of queues) {
        const found = read.get(idOf(queue));
        end = found?.end === undefined || end === undefined ? undefined : end + found.end;
        held =
          found?.end === undefined || found.start === undefined || held === undefined
            ? undefined
            : held + found.end - found.start;
      }
      if (end !== undefined)
        yield { topic: name, broker, queues: queues.length, end, ...(held === undefined ? {} : { held }) };
    }
  }
}

const idOf = ({ topic, brokerName, partition }: { topic: string; brokerName?: string; partition: number }) =>
  `${topic}\n${brokerName ?? ''}\n${partition}`;
