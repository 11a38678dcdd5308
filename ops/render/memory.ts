// Divides the memory of a host into heap, direct memory and page cache.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { RenderedCluster } from './site.ts';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
/** Default of Apache RocketMQ, bin/runbroker.sh. */
const usualDirect = 15 * gibibyte;
const forTheSystem = gibibyte;

/**
 * Divides memory so that heap, direct memory, RocketMQ's cache and a GiB for the system fit together. @returns MiB, the
 * unit of JVM options; direct memory is for RocketMQ
 */
export function jvmMemory({ broker, shape }: Pick<RenderedCluster, 'broker' | 'shape'>) {
  const memory = shape.memoryBytes;
  const { usualHeapBytes, leastMemoryOverHeap, leastHeapBytes = 0, residentShare = 0 } = traitsOf(broker).memory;
  const heap = Math.min(usualHeapBytes, Math.max(leastHeapBytes, memory / leastMemoryOverHeap));
  const left = memory * (1 - residentShare) - heap - Math.min(forTheSystem, memory / 8);
  const direct = Math.max(64 * mebibyte, Math.min(usualDirect, left));
  return { heapMegabytes: Math.floor(heap / mebibyte), directMegabytes: Math.floor(direct / mebibyte) };
}
