// Parses /proc/net/sockstat and sockstat6: number of sockets and their memory.

import { wholeLines } from './whole-lines.ts';

/**
 * Page size of every machine that Kafka and RocketMQ run on, except some ARM and POWER ones, which /proc does not
 * distinguish.
 */
const pageBytes = 4096;

/*
 *   sockets: used 172
 *   TCP: inuse 22 orphan 0 tw 12 alloc 31 mem 5
 *   UDP6: inuse 1
 *
 * @returns values by protocol, underscore and name; `mem` counts pages, and a second entry has it in bytes
 */
export function parseSockstat(text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of wholeLines(text)) {
    const [, protocol, rest] = /^(\w+): (.+)$/.exec(line) ?? [];
    for (const [, name, value] of (rest ?? '').matchAll(/([a-z]+) (\d+)/g)) {
      counts[`${protocol}_${name}`] = Number(value);
      if (name === 'mem') counts[`${protocol}_mem_bytes`] = Number(value) * pageBytes;
    }
  }
  return counts;
}
