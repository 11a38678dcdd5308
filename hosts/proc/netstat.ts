// Parses /proc/net/netstat and snmp (pairs of lines) and snmp6 (name and value).

import { wholeLines } from './whole-lines.ts';

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
