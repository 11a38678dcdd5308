// How is the memory of a host divided: heap, direct memory, and what is left to the page cache?

import type { ClusterPlan } from '../../core/documents/cluster-plan.ts';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
/** Apache RocketMQ, bin/runbroker.sh, and Apache Kafka operations, Java. */
const usualHeap = { rocketmq: 8 * gibibyte, kafka: 6 * gibibyte };
/** Apache RocketMQ, bin/runbroker.sh. */
const usualDirect = 15 * gibibyte;
/** RocketMQ believes so much of all memory to be its page cache (accessMessageInMemoryMaxRatio). */
const believedCache = 0.4;
const forTheSystem = gibibyte;

/** MiB, as JVM options have it. */
export interface JvmMemory {
  heapMegabytes: number;
  /** Of RocketMQ. */
  directMegabytes: number;
}

/** Heap, direct memory, what RocketMQ takes for cache and a GiB for the system fit into memory together. */
export function jvmMemory({ broker, shape }: Pick<ClusterPlan, 'broker' | 'shape'>): JvmMemory {
  const memory = shape.memoryBytes;
  const heap = Math.min(usualHeap[broker], memory / (broker === 'kafka' ? 4 : 3));
  const left = memory * (1 - believedCache) - heap - Math.min(forTheSystem, memory / 8);
  const direct = Math.max(64 * mebibyte, Math.min(usualDirect, left));
  return { heapMegabytes: Math.floor(heap / mebibyte), directMegabytes: Math.floor(direct / mebibyte) };
}
