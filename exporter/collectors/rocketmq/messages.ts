// Exports messages and bytes that each broker stored and delivered since it started.

import type { RuntimeFigures } from '../../../brokers/rocketmq/runtime-info.ts';
import type { Measurement } from '../../collector.ts';
import { known, ofRuntime, perBroker } from './from-details.ts';

const sinceStart =
  'Since the broker started, retries and internal topics included; a slave counts the copies it takes.';

export const rocketmqMessages = ofRuntime(
  {
    rocketmq_broker_put_messages_total: perBroker.counter(`Messages the broker stored. ${sinceStart}`, {
      unit: 'messages',
    }),
    rocketmq_broker_put_bytes_total: perBroker.counter(`Bytes of the messages the broker stored. ${sinceStart}`),
    rocketmq_broker_put_failures_total: perBroker.counter(
      'Messages the broker could not store, since it started (4.9.3 and newer).',
      { unit: 'messages' },
    ),
    rocketmq_broker_get_messages_total: perBroker.counter(
      'Messages that the broker delivered to consumers since it started.',
      { unit: 'messages' },
    ),
  },
  messagesOf,
);

function* messagesOf(id: string, figures: RuntimeFigures): Iterable<Measurement> {
  yield* known('rocketmq_broker_put_messages_total', [id], figures.putMessages);
  yield* known('rocketmq_broker_put_bytes_total', [id], figures.putBytes);
  yield* known('rocketmq_broker_put_failures_total', [id], figures.putFailures);
  yield* known('rocketmq_broker_get_messages_total', [id], figures.getMessages);
}
