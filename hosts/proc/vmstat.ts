// Parses /proc/vmstat: `pgmajfault 5119`, by the kernel's names.

import { wholeLines } from './whole-lines.ts';

export function parseVmstat(text: string): Record<string, number> | undefined {
  const counters: Record<string, number> = {};
  for (const line of wholeLines(text)) {
    const [, name, value] = /^(\w+) (\d+)$/.exec(line) ?? [];
    if (name !== undefined && isWorthKeeping.test(name)) counters[name] = Number(value);
  }
  return Object.keys(counters).length > 0 ? counters : undefined;
}

/** Faults, paging, swapping and kills, as node_exporter keeps. */
const isWorthKeeping = /^(?:oom_kill|pgpg|pswp|pg.*fault)/;
