// Exports messages sent by applications and the copies that brokers stored for them.

import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import type { ClusterCollector, Measurement } from '../../collector.ts';
import { labelled } from '../../declare-metrics.ts';
import { fromDetails } from './from-details.ts';

/*
 * What one message of the business costs in stored messages, by the kinds of topic it passes:
 *
 *   normal          1   its own topic
 *   delayed        +1   the schedule topic (levels) or the wheel timer (5.x), before its own topic
 *   transactional  +2   the half topic and, once it is committed or rolled back, the operation topic
 *   retry          +2   each time a consumer sends it back: the schedule topic, then %RETRY%<group>
 *   dead-letter    +1   %DLQ%<group>, when the retries are used up
 *
 * The sum over topics is left to PromQL: `deriv` has to see each series by itself, or a deleted topic lowers the result. So would a
 * topic with fewer queues, whose offsets leave the sum: another number of queues is another counter. `rate` would take a failover to
 * a slave that lags for a reset, since the end offsets fall.
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
  /** Messages ever stored: the ends of the queues added up. */
  end: bigint;
  /** Messages still stored; absent when the start of a queue is unknown. */
  held?: bigint;
}

/** Topics by broker name, without those of which a queue could not be read: their sum would look whole and be too small. */
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
