// Collects the printed figures of one host from several files: if two files have a section at the same time, the first counts.

import type { HostInventory } from '../../../core/documents/evidence/host-reading.ts';
import { type HostInterval, type HostSection, type JvmInterval, type Span, toolSections } from '../load-test-run.ts';
import { FirstFile } from './first-file.ts';
import type { TimedLine } from './host-tools/align.ts';
import { defined } from '../../../core/defined.ts';
import type { HostRates } from '../../../core/documents/evidence/imported-telemetry.ts';
import { uncountedPerFrame } from '../../../core/wire/ethernet.ts';

export class PrintedFigures {
  readonly jvms: JvmInterval[] = [];
  readonly #first = new FirstFile<HostSection | 'jvm'>();
  readonly #tools = new Map<HostSection, Set<string>>();

  /** @param recorded sections that the run read itself. @returns the intervals of the file, without sections from elsewhere */
  takeFile(
    lines: readonly TimedLine[],
    tool: string,
    inventory: HostInventory | undefined,
    recorded: ReadonlySet<HostSection> = new Set(),
  ): HostInterval[] {
    const intervals: HostInterval[] = [];
    for (const line of lines) {
      const span = { from: line.elapsedSeconds - line.intervalSeconds, to: line.elapsedSeconds };
      if (line.kind === 'jvm-rates') {
        if (this.#first.takes('jvm', span)) this.jvms.push({ ...span, rates: line.rates });
        continue;
      }
      const interval = ratedInterval(span, line.rates, inventory);
      for (const section of toolSections.filter((each) => interval[each] !== undefined)) {
        if (recorded.has(section) || !this.#first.takes(section, span)) delete interval[section];
        else this.#tools.set(section, (this.#tools.get(section) ?? new Set<string>()).add(tool));
      }
      intervals.push(interval);
    }
    this.#first.endFile();
    return intervals;
  }

  /** Tools by section; absent without tools. */
  readBy(): { readBy?: Partial<Record<HostSection, string>> } {
    if (this.#tools.size === 0) return {};
    return { readBy: Object.fromEntries([...this.#tools].map(([section, tools]) => [section, [...tools].join(', ')])) };
  }
}

/** @param inventory cores and memory of the host, which tools may not print; a section that needs missing ones is absent */
function ratedInterval(span: Span, rates: HostRates, inventory: HostInventory | undefined): HostInterval {
  const { cpu, memory, networkDevices, disks } = rates;
  const cores = inventory?.cores;
  const totalBytes = memory?.totalBytes ?? inventory?.memoryBytes;
  return {
    ...span,
    ...(cpu &&
      cores !== undefined && {
        cpu: {
          busyCores: Math.max(0, 1 - cpu.idle - (cpu.iowait ?? 0)) * cores,
          iowaitCores: (cpu.iowait ?? 0) * cores,
          stealCores: (cpu.steal ?? 0) * cores,
          cores,
          ...(cpu.busiestCore !== undefined && { hottestCore: cpu.busiestCore }),
        },
      }),
    ...(networkDevices && {
      network: networkDevices.map((link) => ({
        device: link.device,
        inBytesPerSecond: link.receiveBytesPerSecond + uncountedPerFrame * link.receivePacketsPerSecond,
        outBytesPerSecond: link.transmitBytesPerSecond + uncountedPerFrame * link.transmitPacketsPerSecond,
        inFramesPerSecond: link.receivePacketsPerSecond,
        outFramesPerSecond: link.transmitPacketsPerSecond,
      })),
    }),
    ...(disks && { disks: disks.map((disk) => defined(disk)) }),
    ...(memory &&
      totalBytes !== undefined && {
        memory: { totalBytes, usedBytes: Math.max(0, totalBytes - memory.availableBytes) },
      }),
  };
}
