// Resends messages of a Kafka dead-letter topic, each once, to the topic they came from.

import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { kafkaClusterOptions } from '../options.ts';
import { defineCommand, text } from '../command.ts';
import { resendOptions, resendRequest, runResend } from '../resend/run-resend.ts';

export const opsKafkaResendCommand = defineCommand({
  options: {
    ...kafkaClusterOptions,
    ...resendOptions,
    to: text('TOPIC', 'send all messages to this topic (default: the origin from headers, config or the topic name)'),
  },
  examples: [
    'plimsoll ops kafka resend --cluster orders --topic order-paid.DLT',
    'plimsoll ops kafka resend --cluster orders --topic order-paid.DLT --message 0@17 --execute --confirm MkU3OEVBNTcwNTJENDM2Qg',
    'plimsoll ops kafka resend --cluster orders --topic order-paid.DLT --resume',
  ],

  async run(io) {
    const { to } = io.options;
    const request = resendRequest(io, { toOrigin: true, ...(to !== undefined && { to }) });
    return runResend(io, await clusterOfKind(io, 'kafka'), request);
  },
});
