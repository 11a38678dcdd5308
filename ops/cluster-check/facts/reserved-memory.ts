// Sums the memory that the JVMs of a host rely on: heaps, direct memory, RocketMQ's page cache.

import type { ProcessReading } from '../../../core/documents/evidence/process-reading.ts';
import { jvmSetup } from './jvm-flags.ts';

const rocketmqBroker = /^org\.apache\.rocketmq\.(broker|container)\./;

/**
 * Kafka's direct memory counts only where it is stated: by default a JVM allows as much as its heap, and Kafka takes little.
 * RocketMQ's counts as it is allowed, since its network buffers and its pool of write buffers come from there.
 *
 * @param cacheRatios percent of the memory that each RocketMQ broker of the machine believes is page cache
 *   (accessMessageInMemoryMaxRatio); a broker whose setting is not known has the default, 40
 * @returns bytes; undefined where no JVM was seen, or not how much memory there is
 */
export function reservedBytes(
  processes: readonly ProcessReading[],
  memoryBytes: number | undefined,
  cacheRatios: readonly number[],
): number | undefined {
  const running = processes.flatMap((each) => (each.state === 'running' ? [each.process] : []));
  if (running.length === 0 || memoryBytes === undefined) return undefined;
  const isRocketmq = (mainClass: string | undefined) => rocketmqBroker.test(mainClass ?? '');
  const ofProcesses = running.reduce((sum, process) => {
    const { heapBytes = 0, directBytes = 0, isDirectStated } = jvmSetup(process, memoryBytes);
    return sum + heapBytes + (isDirectStated || isRocketmq(process.jvm.mainClass) ? directBytes : 0);
  }, 0);
  const brokers = running.filter(({ jvm }) => isRocketmq(jvm.mainClass)).length;
  const ratios = Array.from({ length: brokers }, (_, index) => cacheRatios[index] ?? 40);
  return ofProcesses + ratios.reduce((sum, ratio) => sum + (ratio / 100) * memoryBytes, 0);
}
