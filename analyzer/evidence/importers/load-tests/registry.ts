// Lists the tools whose load tests can be imported, one line each.

import type { LoadTestImporter } from './load-test-importer.ts';

export const loadTests = {
  'omb-json': (await import('./omb-json.ts')).ombJson,
  'omb-log': (await import('./omb-log.ts')).ombLog,
  'kafka-producer-perf-test': (await import('./kafka-producer-perf.ts')).kafkaProducerPerf,
  'kafka-consumer-perf-test': (await import('./kafka-consumer-perf.ts')).kafkaConsumerPerf,
  'kafka-e2e-latency': (await import('./kafka-end-to-end.ts')).kafkaEndToEnd,
  'rocketmq-benchmark': (await import('./rocketmq-benchmark.ts')).rocketmqBenchmark,
  'rocketmq-benchmark-csv': (await import('./rocketmq-benchmark-csv.ts')).rocketmqBenchmarkCsv,
  hlog: (await import('./hlog.ts')).hlog,
} satisfies Record<string, LoadTestImporter>;
