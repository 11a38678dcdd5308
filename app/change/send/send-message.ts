// Sends one message to a topic: planned first, then under the lease of the cluster, and recorded in the audit log.

import { createHash } from 'node:crypto';
import { openMessageSender } from '../../../brokers/open-by-kind.ts';
import { queueName } from '../../../brokers/delta/partition-key.ts';
import type { PartitionPlace } from '../../../core/cluster.ts';
import { planMessage, SendFacts, sendSteps, type MessageSpec } from '../../../ops/send/send-message.ts';
import type { Caller } from '../../caller.ts';
import { clusterToChange } from '../../observe/named-cluster.ts';
import { runChange } from '../run-change.ts';
import { defined } from '../../../core/defined.ts';

export interface SentMessage {
  cluster: string;
  /** Target of the message; for RocketMQ it includes the broker. */
  place: PartitionPlace;
  bytes: number;
  isSent: boolean;
  /** Absent for a plan, and for a message that the broker delivers later. */
  offset?: bigint;
}

/**
 * @param pick chooses among places without a key; returns an index. @throws AppError usage, not-found; errors of the
 *   lease or the broker
 */
export async function sendMessage(
  io: Caller,
  spec: MessageSpec,
  pick: (places: number) => number = (places) => Math.floor(Math.random() * places),
): Promise<SentMessage> {
  const { name, config } = await clusterToChange(io);
  await using sender = await openMessageSender(name, config, io);
  const message = await planMessage(sender, config.broker, spec, pick, io);
  const { topic, partition, brokerName } = message;
  const place = defined({ topic, partition, brokerName });
  const bytes = spec.value.length;
  let offset: bigint | undefined;
  const { status } = await runChange(
    io,
    { name, config },
    {
      kind: {
        name: 'send',
        facts: SendFacts,
        steps: () => sendSteps(sender, message, (stored) => (offset = stored)),
      },
      subject: `topic ${topic}`,
      folder: 'changes',
      isOnce: true,
      tools: undefined,
      plan: async () => ({ facts: { ...place, bytes }, findings: [] }),
      approval: (_, planned) => ({
        ...planned,
        exact: {
          topic,
          ...(spec.place && { partition: queueName(spec.place) }),
          key: spec.key,
          headers: spec.headers,
          sha256: createHash('sha256').update(spec.value).digest('hex'),
        },
      }),
      summary: () => `A message is sent to topic ${topic}. It cannot be recalled.`,
    },
  );
  return { cluster: name, place, bytes, isSent: status === 'done', ...(offset !== undefined && { offset }) };
}
