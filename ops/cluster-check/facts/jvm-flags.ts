// Derives heap, direct memory and garbage collector from a JVM's flags; the last of repeated flags applies.

import { defined } from '../../../core/defined.ts';
import type { RunningProcess } from '../../../core/documents/evidence/process-reading.ts';

export interface JvmSetup {
  heapBytes?: number;
  isHeapFixed: boolean;
  youngBytes?: number;
  directBytes?: number;
  isDirectStated: boolean;
  collector?: string;
  writesGcLog: boolean;
  rotatesGcLog?: boolean;
  gcLogPath?: string;
  major?: number;
  /** Every other -XX flag by its name: `AlwaysPreTouch` true, `G1HeapRegionSize` in bytes. */
  others: Readonly<Record<string, number | boolean | string>>;
}

/** JDK 17, "The java Command", -Xmx: a quarter of the memory by default. */
const defaultHeapShare = 0.25;

const collectors: Readonly<Record<string, string>> = {
  UseG1GC: 'G1',
  UseZGC: 'Z',
  UseShenandoahGC: 'Shenandoah',
  UseParallelGC: 'Parallel',
  UseParallelOldGC: 'Parallel',
  UseSerialGC: 'Serial',
  UseConcMarkSweepGC: 'CMS',
};

/** @param memoryBytes memory of the machine or its container, whichever is less; absent if unknown */
export function jvmSetup({ jvm }: Pick<RunningProcess, 'jvm'>, memoryBytes: number | undefined): JvmSetup {
  const { flags } = jvm;
  const others: Record<string, number | boolean | string> = {};
  for (const flag of flags) {
    const [, sign, toggled, name, value] = /^-XX:(?:([+-])(\w+)|(\w+)=(.*))$/.exec(flag) ?? [];
    if (toggled !== undefined) others[toggled] = sign === '+';
    else if (name !== undefined && value !== undefined) others[name] = sizeOf(value) ?? value;
  }
  const ofPrefix = (prefix: string) => {
    const found = flags.findLast((flag) => new RegExp(`^${prefix}\\d`).test(flag));
    return found === undefined ? undefined : sizeOf(found.slice(prefix.length));
  };
  const numberOf = (name: string) => (typeof others[name] === 'number' ? others[name] : undefined);
  const shareOf = (name: string) => {
    const percentage = others[name] === undefined ? Number.NaN : Number(others[name]);
    return Number.isNaN(percentage) || memoryBytes === undefined ? undefined : (percentage / 100) * memoryBytes;
  };
  const most = ofPrefix('-Xmx') ?? numberOf('MaxHeapSize') ?? shareOf('MaxRAMPercentage');
  const least = ofPrefix('-Xms') ?? numberOf('InitialHeapSize') ?? shareOf('InitialRAMPercentage');
  const heapBytes = most ?? (memoryBytes === undefined ? undefined : memoryBytes * defaultHeapShare);
  const youngBytes = ofPrefix('-Xmn') ?? numberOf('MaxNewSize');
  const stated = numberOf('MaxDirectMemorySize');
  // 0 means the JVM's default: as much as the heap.
  const directBytes = stated === undefined || stated === 0 ? heapBytes : stated;
  const major = majorOf(jvm.version);
  const collector = collectorOf(others, major);
  return {
    ...defined({ heapBytes, youngBytes, directBytes, collector, major }),
    isHeapFixed: most !== undefined && least === most,
    isDirectStated: stated !== undefined && stated > 0,
    ...gcLogOf(flags, others),
    others,
  };
}

/** `8g`, `16M`, `1024` in bytes. */
function sizeOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmgt]?)$/i.exec(text) ?? [];
  return digits === undefined
    ? undefined
    : Number(digits) * 1024 ** ['', 'k', 'm', 'g', 't'].indexOf(unit.toLowerCase());
}

/** `1.8.0_402` is 8. */
function majorOf(version: string | undefined): number | undefined {
  const [, major] = /^(?:1\.)?(\d+)/.exec(version ?? '') ?? [];
  return major === undefined ? undefined : Number(major);
}

/** Default collector: G1 from JDK 9 on machines with two cores and 2 GB, as all broker hosts have; Parallel on 8. */
function collectorOf(others: JvmSetup['others'], major: number | undefined): string | undefined {
  const chosen = Object.entries(collectors).find(([flag]) => others[flag] === true)?.[1];
  if (chosen !== undefined || major === undefined) return chosen;
  return major >= 9 ? 'G1' : 'Parallel';
}

function gcLogOf(
  flags: readonly string[],
  others: JvmSetup['others'],
): Pick<JvmSetup, 'writesGcLog' | 'rotatesGcLog' | 'gcLogPath'> {
  const unified = flags.findLast((flag) => /^-Xlog:[^:]*\bgc\b/.test(flag));
  const legacy = flags.findLast((flag) => flag.startsWith('-Xloggc:'));
  const [, unifiedPath] = /(?:^|:)file="?([^":]+)/.exec(unified ?? '') ?? [];
  const gcLogPath = unifiedPath ?? legacy?.slice('-Xloggc:'.length);
  if (gcLogPath === undefined) return { writesGcLog: false };
  // Unified logs are rotated by default, five files of 20 MB, unless filecount=0 (JDK 17, "The java Command", -Xlog).
  const rotatesGcLog = unified === undefined ? others['UseGCLogFileRotation'] === true : !/filecount=0\b/.test(unified);
  return { writesGcLog: true, rotatesGcLog, gcLogPath };
}
