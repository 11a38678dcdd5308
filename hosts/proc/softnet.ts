// Parses /proc/net/softnet_stat: packets processed, dropped and deferred per core.

import type { Softnet } from '../../core/documents/evidence/host-reading.ts';
import { wholeLines } from './whole-lines.ts';

/*
 *   00011589 00000000 00000000 00000000 … 00000000 00000001 00000000     one line per core, hexadecimal
 *   │        │        └ times squeezed             └ 13th: core number, since Linux 5.10
 *   processed dropped
 */
export function parseSoftnet(text: string): Softnet[] | undefined {
  const cores = wholeLines(text).flatMap((line, index) => {
    const fields = line.trim().split(/\s+/);
    if (fields.length < 9 || !fields.every((word) => /^[0-9a-f]{8}$/.test(word))) return [];
    const [processed = 0, dropped = 0, timesSqueezed = 0] = fields.map((word) => Number.parseInt(word, 16));
    return [
      { cpu: fields[12] === undefined ? index : Number.parseInt(fields[12], 16), processed, dropped, timesSqueezed },
    ];
  });
  return cores.length > 0 ? cores : undefined;
}
