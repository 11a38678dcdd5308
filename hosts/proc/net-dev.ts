// Parses /proc/net/dev, or /proc/PID/net/dev of another network namespace.

import type { NetworkDevice } from '../../core/documents/evidence/host-reading.ts';
import { cardCounters, isWholeCard } from '../node-exporter/names.ts';
import { parseCounters, wholeLines } from './whole-lines.ts';

/** Counter names in column order. */
const counterNames = Object.keys(cardCounters);

/*
 * Inter-|   Receive                                                |  Transmit
 *  face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
 *   eth0: 463921292  11832    0    0    0     0          0         0   713845    6471    0    0    0     0       0          0
 */
export function parseNetDev(text: string): NetworkDevice[] {
  return wholeLines(text).flatMap((line) => {
    const [, device, rest] = /^\s*(\S+):(.*)$/.exec(line) ?? [];
    const values = parseCounters(rest?.trim().split(/\s+/) ?? ['']) ?? [];
    const counters = Object.fromEntries(counterNames.slice(0, values.length).map((name, at) => [name, values[at]]));
    return device !== undefined && isWholeCard(counters) ? [{ device, ...counters }] : [];
  });
}
