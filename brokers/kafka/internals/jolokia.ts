// Encodes one bulk request to Jolokia for the allowed MBeans, and parses its answers.

import { z } from 'zod';
import { type Bean, figures } from './bean-metrics.ts';
import type { BeanReadings } from './bean-readings.ts';
import { type Instance, isRecord, type JolokiaRead } from './jolokia-read.ts';

/*
 * jolokia.org/reference/html/manual/jolokia_protocol.html, bulk requests and the read operation
 *
 * POST [{ type: "read", mbean, attribute: [name…], config: { ignoreErrors } }…]
 * 200  [{ status: 200, value: { attribute: … } }                      for an mbean without a pattern
 *       { status: 200, value: { "domain:key=value,…": { attribute: … } } }   for one with *
 *       { status: 404, error }…]                                       in the order of the requests
 */

const Answers = z.array(
  z.object({ status: z.number(), error: z.string().optional(), value: z.record(z.string(), z.unknown()).nullish() }),
);

/** @returns why no value could be read, if so. @throws z.ZodError, SyntaxError on text that is no Jolokia answer */
export function parseJolokiaAnswers(text: string, into: BeanReadings): string | undefined {
  const answers = Answers.parse(JSON.parse(text));
  for (const [index, { value }] of answers.entries()) {
    const read = jolokiaReads[index];
    if (read === undefined || value === null || value === undefined) continue;
    const instances = read.mbean.includes('*')
      ? Object.entries(value).flatMap(([mbean, attributes]) =>
          isRecord(attributes) ? [{ keys: keysOf(mbean), attributes }] : [],
        )
      : [{ keys: {}, attributes: value }];
    read.take(instances, into);
  }
  return answers.some(({ status }) => status === 200) ? undefined : (answers[0]?.error ?? 'the response is empty');
}

function beanReads(): JolokiaRead[] {
  const attributesByBean = new Map<Bean, Set<string>>();
  for (const { bean, attribute, times } of figures) {
    const attributes = attributesByBean.get(bean) ?? new Set();
    attributesByBean.set(bean, attributes);
    attributes.add(attribute);
    if (times !== undefined) attributes.add(times.attribute);
  }
  return [...attributesByBean].map(([bean, attributes]) => ({
    mbean: [
      `${bean.domain}:type=${bean.type}`,
      ...(bean.name === undefined ? [] : [`name=${bean.name}`]),
      ...[...bean.keys, ...(bean.sumOver ?? [])].map((key) => `${key}=*`),
    ].join(','),
    attributes: [...attributes],
    take(instances, into) {
      for (const { keys, attributes: found } of instances) {
        for (const attribute of attributes) {
          const value = found[attribute];
          if (typeof value === 'number') into.attribute(bean, keys, attribute, value);
        }
      }
    },
  }));
}

/** Parses `kafka.network:name=TotalTimeMs,request=Fetch,type=RequestMetrics`; values with a comma are quoted. */
export function keysOf(mbean: string): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const [, key = '', quoted, plain = ''] of mbean
    .slice(mbean.indexOf(':') + 1)
    .matchAll(/([^=,]+)=(?:"((?:[^"\\]|\\.)*)"|([^,]*))(?:,|$)/g)) {
    keys[key] = quoted?.replace(/\\(.)/g, '$1') ?? plain;
  }
  return keys;
}

/*
 * java.lang.management: MemoryMXBean, RuntimeMXBean; com.sun.management: GarbageCollectorMXBean, in milliseconds
 *
 * LastGcInfo  { endTime, memoryUsageAfterGc: { pool: { key, value: { used } } or { used } } }   absent before the first collection
 */
const jolokiaJvmReads: readonly JolokiaRead[] = [
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

export const jolokiaReads: readonly JolokiaRead[] = [...beanReads(), ...jolokiaJvmReads];
