// What is the memory used for? From /proc/meminfo.

import { wholeLines } from './whole-lines.ts';

/**
 * Lines are `MemTotal:       24684096 kB`; what has no unit (HugePages_Total) counts pages and is left out.
 * @returns bytes by the kernel's own names; its kB are 1024 bytes.
 */
export function parseMeminfo(text: string): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const line of wholeLines(text)) {
    const [, name, kibibytes] = /^([A-Za-z]\S*):\s+(\d+) kB$/.exec(line) ?? [];
    if (name !== undefined) fields[name] = Number(kibibytes) * 1024;
  }
  return fields;
}
