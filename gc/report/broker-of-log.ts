// Finds the kind of broker that wrote a GC log, by the file names in the start scripts.

import type { BrokerKind } from '../../core/cluster.ts';

const names = {
  // bin/kafka-run-class.sh: $DAEMON_NAME$GC_FILE_SUFFIX, and kafka-server-start.sh -name kafkaServer
  kafka: /(?:kafka|zookeeper|connect)[^/]*-gc\.log/i,
  // bin/runbroker.sh, bin/runserver.sh; 4.2 to 4.4: mq_gc_
  rocketmq: /(?:rmq_(?:srv|broker|bk)|mq)_gc_/,
} as const satisfies Record<BrokerKind, RegExp>;

/** @returns undefined if the names match neither or both */
export function brokerOf(paths: readonly string[]): BrokerKind | undefined {
  const kinds = (Object.keys(names) as BrokerKind[]).filter((kind) => paths.some((path) => names[kind].test(path)));
  return kinds.length === 1 ? kinds[0] : undefined;
}
