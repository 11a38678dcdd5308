// Reads memory, garbage collections and start time of a JVM from a Jolokia agent.

import type { BeanReadings } from './bean-readings.ts';
import { isRecord, type Instance, type JolokiaRead } from './jolokia-read.ts';

/*
 * java.lang.management: MemoryMXBean, RuntimeMXBean; com.sun.management: GarbageCollectorMXBean, in milliseconds
 *
 * LastGcInfo  { endTime, memoryUsageAfterGc: { pool: { key, value: { used } } or { used } } }   absent before the first collection
 */
export const jolokiaJvmReads: readonly JolokiaRead[] = [
  { mbean: 'java.lang:type=Memory', attributes: ['HeapMemoryUsage', 'NonHeapMemoryUsage'], take: takeMemory },
  {
    mbean: 'java.lang:type=GarbageCollector,name=*',
    attributes: ['CollectionCount', 'CollectionTime', 'LastGcInfo'],
    take: takeCollections,
  },
  { mbean: 'java.lang:type=Runtime', attributes: ['StartTime'], take: takeStart },
];

const areas = { HeapMemoryUsage: 'heap', NonHeapMemoryUsage: 'nonheap' };
const usage = {
  used: 'kafka_broker_jvm_memory_used_bytes',
  committed: 'kafka_broker_jvm_memory_committed_bytes',
  max: 'kafka_broker_jvm_memory_max_bytes',
} as const;

function takeMemory(instances: readonly Instance[], into: BeanReadings): void {
  for (const { attributes } of instances) {
    for (const [attribute, area] of Object.entries(areas)) {
      const memory = attributes[attribute];
      if (!isRecord(memory)) continue;
      for (const [part, metric] of Object.entries(usage)) {
        const bytes = memory[part];
        // A JVM reports -1 for no limit.
        if (typeof bytes === 'number' && bytes >= 0) into.value(metric, [area], bytes);
      }
    }
  }
}

/** G1 Concurrent GC (since JDK 20), and pauses of ZGC and Shenandoah: they free nothing, so Eden is full afterwards. */
const freesNothing = /Concurrent GC$|Pauses$/;

function takeCollections(instances: readonly Instance[], into: BeanReadings): void {
  let last: { endTime: number; pools: Record<string, unknown> } | undefined;
  for (const { keys, attributes } of instances) {
    const { name: gc = '' } = keys;
    const { CollectionCount: collections, CollectionTime: milliseconds, LastGcInfo: info } = attributes;
    if (typeof collections === 'number') into.value('kafka_broker_jvm_gc_collections_total', [gc], collections);
    if (typeof milliseconds === 'number') into.value('kafka_broker_jvm_gc_seconds_total', [gc], milliseconds / 1000);
    if (!isRecord(info) || freesNothing.test(gc)) continue;
    const { endTime, memoryUsageAfterGc: pools } = info;
    if (typeof endTime === 'number' && isRecord(pools) && endTime > (last?.endTime ?? -1)) last = { endTime, pools };
  }
  for (const [pool, row] of Object.entries(last?.pools ?? {})) {
    const used = usedIn(row);
    if (used !== undefined) into.value('kafka_broker_jvm_memory_after_gc_bytes', [pool], used);
  }
}

function usedIn(row: unknown): number | undefined {
  if (!isRecord(row)) return undefined;
  const { value, used } = row;
  return typeof used === 'number' ? used : usedIn(value);
}

function takeStart(instances: readonly Instance[], into: BeanReadings): void {
  const milliseconds = instances[0]?.attributes['StartTime'];
  if (typeof milliseconds === 'number') into.value('kafka_broker_jvm_start_time_seconds', [], milliseconds / 1000);
}
