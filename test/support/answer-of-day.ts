// Provides responses of a Prometheus for a past day of a cluster.

import type { SentRequest } from './scripted-http.ts';

/**
 * Returns responses of a Prometheus for client software, and for a past day of `orders`: two masters, a slave and a removed master, with a daily wave
 * and an hour without data.
 */
export function answerOfDay({ path, parameters: { query = '', start, end, step } }: SentRequest): string {
  if (path.endsWith('/query')) {
    const clients = [
      ['apache-kafka-java', '3.6.1', '84'],
      ['librdkafka', '2.3.0', '31'],
      ['<script>alert(1)</script>', '=cmd()', '2'],
    ] as const;
    const vector = clients.map(([clientSoftwareName, clientSoftwareVersion, connections]) => ({
      metric: { cluster: 'orders', clientSoftwareName, clientSoftwareVersion },
      value: [0, connections],
    }));
    return JSON.stringify({ status: 'success', data: { resultType: 'vector', result: vector } });
  }
  const metric = /put_messages|get_messages/.exec(query)?.[0];
  const brokers =
    metric === undefined
      ? []
      : ['broker-a:0', 'broker-b:0', 'broker-c:0', ...(metric === 'get_messages' ? ['broker-a:1'] : [])];
  const result = brokers.map((broker) => {
    const values = [];
    for (let time = Number(start); time <= Number(end); time += Number(step)) {
      const hour = (time / 3600) % 24;
      // Three masters stay below the safe maximum of the cluster.
      const rate = broker === 'broker-a:1' ? 0 : 4000 + 3000 * Math.sin(((hour - 9) * Math.PI) / 12);
      if (hour !== 4) values.push([time, String(metric === 'put_messages' ? rate : rate * 0.97)]);
    }
    return { metric: { cluster: 'orders', broker }, values };
  });
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
}
