import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { expect, test, vi } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { createKafkajs } from '../../../../../brokers/kafka/kafkajs/connect.ts';

const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] });

test('a connection on which nothing waits sets no timer, so that Node has no negative one to warn of', () => {
  vi.useFakeTimers();
  const queue = Object.assign(Object.create(RequestQueue.prototype) as RequestQueue, {
    pending: [],
    throttledUntil: -1,
  });
  queue.scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test('says nothing on the terminal when it cannot connect', async () => {
  const words: unknown[] = [];
  const listen = (...line: unknown[]) => void words.push(line);
  for (const name of ['log', 'info', 'warn', 'error'] as const) vi.spyOn(console, name).mockImplementation(listen);
  const admin = createKafkajs(config, { connectMs: 1000, requestMs: 1000 }, 0).admin();
  await expect(admin.connect()).rejects.toThrow('ECONNREFUSED');
  expect(words).toEqual([]);
});
