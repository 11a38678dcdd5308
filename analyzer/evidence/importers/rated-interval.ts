// Converts rates that a tool printed to an interval of a host.

import { defined } from '../../../core/defined.ts';
import type { HostInventory } from '../../../core/documents/evidence/host-reading.ts';
import type { HostRates } from '../../../core/documents/evidence/imported-telemetry.ts';
import type { HostInterval, Span } from '../load-test-run.ts';
import { uncountedPerFrame } from '../../../core/wire/ethernet.ts';

/** @param inventory cores and memory of the host, which tools may not print; a section that needs missing ones is absent */
export function ratedInterval(span: Span, rates: HostRates, inventory: HostInventory | undefined): HostInterval {
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
