// Exports the number of dead letters per consumer group.

import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { ok, type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';
import { groupOfDeadLetters } from './group-names.ts';
import { wholeTopics } from './stored-messages.ts';

const { gauge, counter } = labelled('consumergroup', 'broker');

export const rocketmqDeadLetters = {
  of: 'rocketmq',
  source: 'offsets of the queues of %DLQ% topics',
  cost: 'no additional cost',
  metrics: {
    rocketmq_consumergroup_dead_letters_total: counter(
      'Messages of the group that the broker moved to its dead-letter topic since that topic was created.',
      'messages',
    ),
    rocketmq_consumergroup_dead_letters_stored: gauge(
      'Dead letters of the group that are still stored; retention deletes them like other messages.',
      { unit: 'messages', additive: true },
    ),
  },

  collect: ({ snapshot }) => ok(deadLettersOf(snapshot)),
} satisfies ClusterCollector;

function* deadLettersOf(snapshot: ClusterSnapshot): Iterable<Measurement> {
  for (const { topic, broker, end, held } of wholeTopics(snapshot)) {
    const group = groupOfDeadLetters(topic);
    if (group === undefined) continue;
    yield { metric: 'rocketmq_consumergroup_dead_letters_total', labels: [group, broker], value: end };
    yield* known('rocketmq_consumergroup_dead_letters_stored', [group, broker], held);
  }
}
