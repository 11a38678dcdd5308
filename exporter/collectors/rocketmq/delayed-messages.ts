// How many messages wait for a time, and is the broker late with them?

import type { RuntimeFigures } from '../../../brokers/rocketmq/runtime-info.ts';
import type { ClusterCollector, Measurement } from '../../collector.ts';
import { fromRuntime, known, perBroker, sharedRuntime } from './from-details.ts';

export const rocketmqDelayedMessages = {
  of: 'rocketmq',
  follows: 'ours',
  source: 'GET_BROKER_RUNTIME_INFO',
  cost: sharedRuntime,
  metrics: {
    rocketmq_delay_level_waiting_messages: {
      type: 'gauge',
      help: 'Messages of the delay level that were not delivered to their topic yet: the retries sent back are among them. Levels nobody used are absent.',
      labels: ['broker', 'level'],
    },
    rocketmq_timer_waiting_messages: {
      type: 'gauge',
      help: 'Messages in the wheel timer that wait for their time (5.x).',
      labels: perBroker,
    },
    rocketmq_timer_behind_seconds: {
      type: 'gauge',
      help: 'How late the wheel timer delivers (5.x).',
      labels: perBroker,
    },
    rocketmq_timer_behind_messages: {
      type: 'gauge',
      help: 'Timed messages stored and not yet sorted into the wheel timer (5.x).',
      labels: perBroker,
    },
  },

  collect({ snapshot }) {
    return fromRuntime(snapshot, delayedOf);
  },
} satisfies ClusterCollector;

function* delayedOf(id: string, figures: RuntimeFigures): Iterable<Measurement> {
  for (const { level, delivered, end } of figures.delayLevels) {
    const waiting = end > delivered ? end - delivered : 0n;
    yield { metric: 'rocketmq_delay_level_waiting_messages', labels: [id, String(level)], value: waiting };
  }
  yield* known('rocketmq_timer_waiting_messages', [id], figures.timerWaitingMessages);
  yield* known('rocketmq_timer_behind_seconds', [id], figures.timerBehindSeconds);
  yield* known('rocketmq_timer_behind_messages', [id], figures.timerBehindMessages);
}
