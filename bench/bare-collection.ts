// Collects one snapshot of the cluster per line on standard input, and renders nothing.

import { createInterface } from 'node:readline';
import { KafkaClusterConfig } from '../brokers/kafka/config.ts';
import { drivers } from '../brokers/registry.ts';

const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [process.argv[2]] });
const io = { signal: new AbortController().signal };
await using inspector = await drivers.kafka.inspect('bench', config, io);
for await (const _line of createInterface(process.stdin)) {
  const { offsets, groups } = await inspector.snapshot(io);
  let lags = 0;
  // Lags are computed lazily: without iteration they would not be collected.
  for (const { partitions } of groups) for (const _lag of partitions) lags++;
  process.stdout.write(`${offsets.length + lags}\n`);
}
