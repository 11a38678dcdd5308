// Sends to one broker address regardless of the routes, like a client with outdated routes.

import { setTimeout as delay } from 'node:timers/promises';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { encodeSendMessageV2 } from '../../brokers/rocketmq/protocol/send-message.ts';

/** Sends five messages per second to queue 0 of a topic, until disposed. */
export function sendOutdated(config: RocketmqClusterConfig, { address, topic }: { address: string; topic: string }) {
  const client = createRemotingClient({ name: 'lab', config });
  let isOver = false;
  async function send(): Promise<void> {
    while (!isOver) {
      const message = { producerGroup: 'outdated', topic, queueId: 0, sysFlag: 0, properties: '' };
      const request = encodeSendMessageV2({ ...message, bornAtMs: Date.now(), body: Buffer.from('late') });
      const { code, remark } = await client.ask(address, request, { signal: AbortSignal.timeout(10_000) });
      if (code !== 0) throw new Error(remark);
      await delay(200);
    }
  }
  const sending = send();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await sending;
      await client[Symbol.asyncDispose]();
    },
  };
}
