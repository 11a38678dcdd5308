// Parses the IP addresses of a machine from /proc/net/fib_trie and /proc/net/if_inet6.

import { wholeLines } from './whole-lines.ts';

/*
 *            |-- 10.1.2.3
 *               /32 host LOCAL          the previous line is an address of this machine
 */
export function parseFibTrie(text: string): string[] {
  const addresses = new Set<string>();
  let last: string | undefined;
  for (const line of wholeLines(text)) {
    if (last !== undefined && /^\s*\/32 host LOCAL$/.test(line)) addresses.add(last);
    const [, address] = /^\s*\|-- (\d+\.\d+\.\d+\.\d+)$/.exec(line) ?? [];
    if (address !== undefined) last = address;
  }
  return [...addresses];
}

/**
 * Parses `fe80000000000000020000fffe000001 02 40 20 80     eth0`: 32 digits without colons.
 * @returns addresses in the short form of RFC 5952
 */
export function parseIfInet6(text: string): { address: string; device: string }[] {
  return wholeLines(text).flatMap((line) => {
    const [, digits, device] = /^([0-9a-f]{32}) .* (\S+)\s*$/.exec(line) ?? [];
    if (digits === undefined || device === undefined) return [];
    const long = digits.replace(/(.{4})(?!$)/g, '$1:');
    return [{ address: new URL(`http://[${long}]`).hostname.slice(1, -1), device }];
  });
}
