// Encodes the body shared by LOCK_BATCH_MQ and UNLOCK_BATCH_MQ.

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
