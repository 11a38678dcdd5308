// Lists the tools whose load tests can be imported.

import type { LoadTestImporter } from './load-test-importer.ts';
import { hlog } from './hlog.ts';
import { kafkaConsumerPerf } from './kafka-consumer-perf.ts';
import { kafkaEndToEnd } from './kafka-end-to-end.ts';
import { kafkaProducerPerf } from './kafka-producer-perf.ts';
import { ombJson } from './omb-json.ts';
import { ombLog } from './omb-log.ts';
import { rocketmqBenchmark } from './rocketmq-benchmark.ts';
import { rocketmqBenchmarkCsv } from './rocketmq-benchmark-csv.ts';

export const loadTests = {
  'omb-json': ombJson,
  'omb-log': ombLog,
  'kafka-producer-perf-test': kafkaProducerPerf,
  'kafka-consumer-perf-test': kafkaConsumerPerf,
  'kafka-e2e-latency': kafkaEndToEnd,
  'rocketmq-benchmark': rocketmqBenchmark,
  'rocketmq-benchmark-csv': rocketmqBenchmarkCsv,
  hlog,
} satisfies Record<string, LoadTestImporter>;

export type LoadTestFormat = keyof typeof loadTests | 'csv';
