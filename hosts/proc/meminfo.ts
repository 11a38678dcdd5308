// Parses /proc/meminfo.

import { wholeLines } from './whole-lines.ts';

/**
 * Lines are `MemTotal:       24684096 kB`; what has no unit counts pages, below.
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

/** @returns lines without a unit, in pages: HugePages_Total, HugePages_Free, HugePages_Rsvd, HugePages_Surp */
export function parseHugePages(text: string): Record<string, number> | undefined {
  const pages: Record<string, number> = {};
  for (const line of wholeLines(text)) {
    const [, name, count] = /^(HugePages_\w+):\s+(\d+)$/.exec(line) ?? [];
    if (name !== undefined) pages[name] = Number(count);
  }
  return Object.keys(pages).length > 0 ? pages : undefined;
}
