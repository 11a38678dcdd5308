// Sums the memory that the JVMs of a host rely on: heaps, direct memory, RocketMQ's page cache.

import type { ProcessReading } from '../../../core/documents/evidence/process-reading.ts';
import { jvmSetup } from './jvm-flags.ts';

const rocketmqBroker = /^org\.apache\.rocketmq\.(broker|container)\./;

/**
 * Counts Kafka's direct memory only if configured: the JVM's default limit equals its heap, and Kafka uses little.
 * Counts the full limit for RocketMQ, because its network buffers and its pool of write buffers are allocated there.
 *
 * @param cacheRatios percent of the memory that each RocketMQ broker of the machine expects to be page cache
 *   (accessMessageInMemoryMaxRatio); a broker with an unknown setting has the default, 40
 * @returns bytes; undefined if no JVM was found, or the memory size is unknown
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
