// Parses total and available memory from free, in any language and unit.

import { type HostToolImporter, readSize, type ToolReading, unreadableReadings } from './host-tool.ts';

/*
 *                total        used        free      shared  buff/cache   available
 * Mem:        24684092      678036    23045684        8856     1264760    24006056     kB without an option; first row after each heading
 * Swap:              0           0           0
 *
 * Releases before procps-ng 3.3.10 print buffers and cached, but no available memory.
 */
const row = /^\S+[:：]\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*$/;
/** Total without a unit. */
const bare = /^\d+$/;
const oldHeading = /buffers\s+cached\s*$/m;

export const free = {
  tool: 'free',

  detect: (head) => /^\s{6,}\S+(?: +\S+){5}\s*\n\S+[:：]\s+\d/.test(head),

  import(text) {
    if (oldHeading.test(text)) {
      throw unreadableReadings(
        'free',
        'this release did not print what is available',
        'give `sar -r` or a node_exporter instead',
      );
    }
    const readings = text.split(/\r?\n/).flatMap((line): ToolReading[] => {
      const [, total, , , , , available] = row.exec(line) ?? [];
      if (total !== undefined && bare.test(total) && !isKibibytes(Number(total))) {
        throw unreadableReadings(
          'free',
          `its total of ${total} has no unit: it is not in kB, or the host has less than 1 GiB`,
          'give what `free -s 1` prints, without -b, -m or -g; with less than 1 GiB, what `free -h -s 1` prints',
        );
      }
      const totalBytes = readSize(total, 1024);
      const availableBytes = readSize(available, 1024);
      if (totalBytes === undefined || availableBytes === undefined) return [];
      return [{ at: { kind: 'order', isPrintedAtStart: true }, host: { memory: { totalBytes, availableBytes } } }];
    });
    if (readings.length === 0) throw unreadableReadings('free', 'no row of memory found');
    return { readings, left: new Map() };
  },
} satisfies HostToolImporter;

/**
 * With -b, -m and -g the heading is the same. Linux counts memory in pages of 4 KiB, so a total in kB is a multiple of
 * 4, and a total in bytes a multiple of 4096. Below 2^20 it is more likely MiB of a large host than kB of a host too
 * small for a broker.
 */
function isKibibytes(total: number): boolean {
  const isBytes = total >= 2 ** 30 && total % 4096 === 0;
  return total >= 2 ** 20 && total % 4 === 0 && !isBytes;
}
