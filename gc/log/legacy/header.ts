// Parses a JVM's facts about itself: version, memory and flags at the top and after rotations, region size in tables.

import type { GcCollector, JvmFacts } from '../gc-event.ts';
import { defined } from '../../../core/defined.ts';

const version = /^(?:OpenJDK|Java HotSpot\(TM\)) [\w -]{0,40}VM \([^()]{1,60}\) for \S{1,40} JRE \(([^()]{1,60})\)/;
const memory = /^Memory: \d+k page, physical (\d+)k/;
const commandLine = 'CommandLine flags: ';

/** Order matters: CMS also enables ParNew, which without CMS means the serial old generation. */
const collectors: readonly [flag: string, collector: GcCollector][] = [
  ['-XX:+UseG1GC', 'G1'],
  ['-XX:+UseConcMarkSweepGC', 'CMS'],
  ['-XX:+UseShenandoahGC', 'Shenandoah'],
  ['-XX:+UseParallelGC', 'Parallel'],
  ['-XX:+UseParallelOldGC', 'Parallel'],
  ['-XX:+UseSerialGC', 'Serial'],
  ['-XX:+UseParNewGC', 'Serial'],
];

export interface HeaderLine {
  /** True for the first line of a header. */
  isFirst: boolean;
  facts: JvmFacts;
  /** Present if CPU times and details follow the records. */
  printsDetails?: true;
}

export function readHeaderLine(line: string): HeaderLine | undefined {
  const jvmVersion = version.exec(line)?.[1];
  if (jvmVersion !== undefined) return { isFirst: true, facts: { kind: 'jvm', jvmVersion } };
  const kibibytes = memory.exec(line)?.[1];
  if (kibibytes !== undefined) {
    return { isFirst: false, facts: { kind: 'jvm', memoryBytes: Number(kibibytes) * 1024 } };
  }
  return line.startsWith(commandLine) ? flagsOf(line.slice(commandLine.length).trim()) : undefined;
}

/** Parses `  region size 1024K, 5 young (5120K), 1 survivors (1024K)`, which is at the latest in the table at exit. */
export function readRegionSize(line: string): number | undefined {
  const kibibytes = /^ {2}region size (\d{1,6})K,/.exec(line)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function flagsOf(flags: string): HeaderLine {
  const options = new Set(flags.split(' '));
  return {
    isFirst: false,
    facts: {
      kind: 'jvm',
      flags,
      ...defined({
        collector: collectors.find(([flag]) => options.has(flag))?.[1],
        heapMaxBytes: bytesOf(flags, 'MaxHeapSize'),
        heapInitialBytes: bytesOf(flags, 'InitialHeapSize'),
        regionBytes: bytesOf(flags, 'G1HeapRegionSize'),
      }),
    },
    ...(options.has('-XX:+PrintGCDetails') && { printsDetails: true }),
  };
}

/** The JVM prints these sizes in bytes, whatever unit was used in the option. */
function bytesOf(flags: string, name: string): number | undefined {
  const digits = new RegExp(`-XX:${name}=(\\d{1,15})(?:\\s|$)`).exec(flags)?.[1];
  return digits === undefined || Number(digits) === 0 ? undefined : Number(digits);
}
