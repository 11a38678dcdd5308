// Sends one message to a topic: planned first, then under the lease of the cluster, and recorded in the audit log.

import { createHash } from 'node:crypto';
import { openMessageSender } from '../../../brokers/open-message-sender.ts';
import { queueName } from '../../../brokers/delta/partition-key.ts';
import type { PartitionPlace } from '../../../core/cluster.ts';
import { planMessage, sendSteps, type MessageSpec } from '../../../ops/send/send-message.ts';
import type { Caller } from '../../caller.ts';
import { clusterToChange, verifyCluster } from '../../observe/named-cluster.ts';
import { changeOnce } from '../change-once.ts';
import { plannedSteps } from '../planned-steps.ts';
import { offerForApproval } from '../require-approval.ts';
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
  const entry = { name, config };
  await using sender = await openMessageSender(name, config, io);
  const message = await planMessage(sender, config.broker, spec, pick, io);
  const { topic, partition, brokerName } = message;
  const place = defined({ topic, partition, brokerName });
  const bytes = spec.value.length;
  const planned = { cluster: name, place, bytes, isSent: false };
  const claims = { change: 'send', subject: `topic ${topic}` };
  let offset: bigint | undefined;
  const steps = sendSteps(sender, message, (stored) => (offset = stored));
  await offerForApproval(io, entry, claims, {
    ...plannedSteps(steps),
    exact: {
      topic,
      ...(spec.place && { partition: queueName(spec.place) }),
      key: spec.key,
      headers: spec.headers,
      sha256: createHash('sha256').update(spec.value).digest('hex'),
    },
  });
  if (!io.options.execute) return planned;
  const typed = await verifyCluster(entry, io);
  await changeOnce(
    io,
    { ...entry, typed },
    {
      ...claims,
      summary: `A message is sent to topic ${topic}. It cannot be recalled.`,
      facts: { ...place, bytes },
      steps,
    },
  );
  return { ...planned, isSent: true, ...(offset !== undefined && { offset }) };
}
