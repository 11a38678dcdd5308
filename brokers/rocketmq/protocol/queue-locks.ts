// Which queues may this member alone read? The body that LOCK_BATCH_MQ and UNLOCK_BATCH_MQ share.

export interface QueueLocks {
  consumerGroup: string;
  clientId: string;
  topic: string;
  brokerName: string;
  queueIds: readonly number[];
}

/*
 * Body  { consumerGroup, clientId, mqSet: [{ topic, brokerName, queueId }] }
 */

export function encodeQueueLocks({ consumerGroup, clientId, topic, brokerName, queueIds }: QueueLocks): Buffer {
  const mqSet = queueIds.map((queueId) => ({ topic, brokerName, queueId }));
  return Buffer.from(JSON.stringify({ consumerGroup, clientId, mqSet }));
}
