// Exports waiting delayed messages, and how late their delivery is.

import { scheduleTopic, withUndeliveredLevels } from '../../../brokers/rocketmq/delay-levels.ts';
import type { RocketmqBroker } from '../../../brokers/rocketmq/details.ts';
import { parseRuntimeInfo, type DelayLevel } from '../../../brokers/rocketmq/runtime-info.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';
import { fromDetails, perBroker, sharedRuntime } from './from-details.ts';

export const rocketmqDelayedMessages = {
  of: 'rocketmq',
  source: 'GET_BROKER_RUNTIME_INFO; ends of the schedule topic',
  cost: sharedRuntime,
  metrics: {
    rocketmq_delay_level_waiting_messages: labelled('broker', 'level').gauge(
      'Messages of the delay level that are not delivered to their topic yet, retries included. Unused levels are absent.',
    ),
    rocketmq_timer_waiting_messages: perBroker.gauge('Messages in the timer wheel that wait for their time (5.x).'),
    rocketmq_timer_behind_seconds: perBroker.gauge('Delay of the timer wheel (5.x).'),
    rocketmq_timer_behind_messages: perBroker.gauge(
      'Timer messages that are stored but not yet in the timer wheel (5.x).',
    ),
  },

  collect: ({ snapshot }) => fromDetails(snapshot, ({ brokers }) => delayedOf(brokers, snapshot)),
} satisfies ClusterCollector;

function* delayedOf(brokers: readonly RocketmqBroker[], { offsets }: ClusterSnapshot): Iterable<Measurement> {
  const scheduled = offsets.filter(({ topic }) => topic === scheduleTopic);
  for (const { id, brokerName, role, runtime, config } of brokers) {
    // A slave delivers nothing; its figures copy its master's, or are frozen since its start (4.9).
    if (runtime === undefined || role === 'slave') continue;
    const figures = parseRuntimeInfo(runtime, config);
    const own = scheduled.filter((queue) => queue.brokerName === brokerName);
    yield* levelsOf(id, withUndeliveredLevels(figures.delayLevels, own));
    yield* known('rocketmq_timer_waiting_messages', [id], figures.timerWaitingMessages);
    yield* known('rocketmq_timer_behind_seconds', [id], figures.timerBehindSeconds);
    yield* known('rocketmq_timer_behind_messages', [id], figures.timerBehindMessages);
  }
}

function* levelsOf(id: string, levels: readonly DelayLevel[]): Iterable<Measurement> {
  for (const { level, delivered, end } of levels) {
    const waiting = end > delivered ? end - delivered : 0n;
    yield { metric: 'rocketmq_delay_level_waiting_messages', labels: [id, String(level)], value: waiting };
  }
}
