// Parses /proc/PID/net/tcp and tcp6: listening ports and their sockets in the network namespace of that process.

import { wholeLines } from './whole-lines.ts';

/*
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 *    0: 00000000:2383 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1060 1 …
 *        address:port               └ 0A is LISTEN                                          └ of socket:[1060] behind /proc/PID/fd
 */
const row = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A (?:\S+ +){5}(\d+) /;

/** @param link target of a file in /proc/PID/fd. @returns the inode if the file is a socket */
export const socketInode = (link: string | undefined): string | undefined => /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1];

/** @returns ports by the inode of the socket */
export function parseListeningSockets(text: string): Map<string, number> {
  const ports = new Map<string, number>();
  for (const line of wholeLines(text)) {
    const [, port, inode] = row.exec(line) ?? [];
    if (port !== undefined && inode !== undefined) ports.set(inode, Number.parseInt(port, 16));
  }
  return ports;
}
