// Parses /proc/net: dev, netstat and snmp, sockstat, softnet_stat.

import type { NetworkDevice, Softnet } from '../../core/documents/evidence/host-reading.ts';
import { cardCounters, isWholeCard } from '../node-exporter/names.ts';
import { parseCounters, wholeLines } from './whole-lines.ts';

// Parses /proc/net/dev, or /proc/PID/net/dev of another network namespace.

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

// Parses /proc/net/netstat and snmp (pairs of lines) and snmp6 (name and value).

/*
 *   Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens …
 *   Tcp: 1 200 120000 -1 338 …
 *
 * @returns values by protocol, underscore and name: Tcp_ActiveOpens
 */
export function parseNetstat(text: string): Record<string, number> {
  const counters: Record<string, number> = {};
  const lines = wholeLines(text);
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const [protocol, ...names] = (lines[index] ?? '').trim().split(/\s+/);
    const [again, ...values] = (lines[index + 1] ?? '').trim().split(/\s+/);
    if (protocol === undefined || protocol !== again || !protocol.endsWith(':')) continue;
    if (names.length !== values.length) continue;
    for (const [at, name] of names.entries()) {
      const value = values[at] ?? '';
      if (/^-?\d+$/.test(value)) counters[`${protocol.slice(0, -1)}_${name}`] = Number(value);
    }
  }
  return counters;
}

/*
 *   Ip6InReceives                   	12
 *   Icmp6InMsgs                     	0
 */
export function parseSnmp6(text: string): Record<string, number> {
  const counters: Record<string, number> = {};
  for (const line of wholeLines(text)) {
    const [, protocol, name, value] = /^([A-Z][a-z]*(?:Lite)?6)([A-Z]\w*)\s+(\d+)$/.exec(line) ?? [];
    if (protocol !== undefined) counters[`${protocol}_${name}`] = Number(value);
  }
  return counters;
}

// Parses /proc/net/sockstat and sockstat6: number of sockets and their memory.

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

// Parses /proc/net/softnet_stat: packets processed, dropped and deferred per core.

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
