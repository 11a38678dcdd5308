// Exports messages and bytes that each broker stored and delivered since its start.

import { allKnown } from '../../collector.ts';
import { ofRuntime, perBroker } from './from-details.ts';

const sinceStart =
  'Since the broker started, retries and internal topics included; a slave counts the copies it takes.';

export const rocketmqMessages = ofRuntime(
  {
    rocketmq_broker_put_messages_total: perBroker.counter(`Messages the broker stored. ${sinceStart}`, 'messages'),
    rocketmq_broker_put_bytes_total: perBroker.counter(`Bytes of the messages the broker stored. ${sinceStart}`),
    rocketmq_broker_put_failures_total: perBroker.counter(
      'Messages the broker could not store, since it started (4.9.3 and newer).',
      'messages',
    ),
    rocketmq_broker_get_messages_total: perBroker.counter(
      'Messages that the broker delivered to consumers since it started.',
      'messages',
    ),
  },
  (id, { putMessages, putBytes, putFailures, getMessages }) =>
    allKnown([id], {
      rocketmq_broker_put_messages_total: putMessages,
      rocketmq_broker_put_bytes_total: putBytes,
      rocketmq_broker_put_failures_total: putFailures,
      rocketmq_broker_get_messages_total: getMessages,
    }),
);
