// Resends messages of a RocketMQ dead-letter or retry topic, each once, to their group or their topic.

import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { AppError } from '../../core/errors.ts';
import { defineCommand, flag, text } from '../command.ts';
import { resendOptions, resendRequest, runResend } from '../resend/run-resend.ts';
import { rocketmqClusterOptions } from '../options.ts';

export const opsRocketmqResendCommand = defineCommand({
  options: {
    ...rocketmqClusterOptions,
    ...resendOptions,
    to: text(
      'TOPIC',
      'send all messages to this topic (default: the retry topic of the group, which no other group reads)',
    ),
    'to-origin': flag('send each message to the topic it came from, which every group of that topic reads'),
  },
  examples: [
    "plimsoll ops rocketmq resend --cluster orders --topic '%DLQ%billing'",
    "plimsoll ops rocketmq resend --cluster orders --topic '%DLQ%billing' --message broker-a:0@17 --execute --confirm DefaultCluster",
    "plimsoll ops rocketmq resend --cluster orders --topic '%DLQ%billing' --abort",
  ],

  async run(io) {
    const { to, 'to-origin': toOrigin } = io.options;
    if (to !== undefined && toOrigin) throw new AppError('usage', '--to and --to-origin exclude each other');
    const request = resendRequest(io, { toOrigin, ...(to !== undefined && { to }) });
    return runResend(io, await clusterOfKind(io, 'rocketmq'), request);
  },
});
