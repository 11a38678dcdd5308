// Parses /proc/net/sockstat and sockstat6: the number of sockets and their memory.

import { wholeLines } from './whole-lines.ts';

/** Of every machine Kafka and RocketMQ run on except some ARM and POWER ones, which /proc does not distinguish. */
const pageBytes = 4096;

/*
 *   sockets: used 172
 *   TCP: inuse 22 orphan 0 tw 12 alloc 31 mem 5
 *   UDP6: inuse 1
 *
 * @returns by protocol, underscore and name; `mem` counts pages and stands in bytes beside it
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
