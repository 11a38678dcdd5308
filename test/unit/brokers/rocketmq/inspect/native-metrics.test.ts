import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readNativeMetrics } from '../../../../../brokers/rocketmq/inspect/native-metrics.ts';

const io = { signal: new AbortController().signal };

async function serve(status: number, page: string) {
  const server = createServer((_request, response) => response.writeHead(status).end(page)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('keeps the metrics of the broker itself, without histogram buckets', async () => {
  const page = [
    'rocketmq_consumer_inflight_messages{consumer_group="billing",topic="orders"} 7',
    'rocketmq_rpc_latency_bucket{le="1"} 9',
    'jvm_threads 40',
  ].join('\n');
  await using server = await serve(200, page);
  expect(await readNativeMetrics('broker-a:0', server.url, io)).toEqual([
    {
      broker: 'broker-a:0',
      metric: 'rocketmq_consumer_inflight_messages',
      labels: { consumer_group: 'billing', topic: 'orders' },
      value: 7,
    },
  ]);
});

test.each(['<html><body>hello</body></html>', 'jvm_threads 40', ''])(
  'a page without RocketMQ metrics is an error: %j',
  async (page) => {
    await using server = await serve(200, page);
    await expect(readNativeMetrics('broker-a:0', server.url, io)).rejects.toMatchObject({
      code: 'answer-unreadable',
      message: `the page ${server.url} has no metrics of RocketMQ`,
    });
  },
);

test('a missing page is an error with its address', async () => {
  await using server = await serve(404, 'nothing here');
  await expect(readNativeMetrics('broker-a:0', server.url, io)).rejects.toMatchObject({
    code: 'broker-refused',
    message: `the metrics page ${server.url} answered with HTTP 404`,
  });
});

test('a port without a listener results in a hint on how to enable the page', async () => {
  const server = await serve(200, '');
  await server[Symbol.asyncDispose]();
  await expect(readNativeMetrics('broker-a:0', server.url, io)).rejects.toMatchObject({
    code: 'broker-unreachable',
    hint: expect.stringContaining('metricsExporterType=PROM') as string,
  });
});
