// Parses /proc/net/bonding/DEVICE: the members of a bond and which of them carry traffic.

import type { Bond } from '../../core/documents/evidence/host-reading.ts';
import { wholeLines } from './whole-lines.ts';

/*
 *   Bonding Mode: fault-tolerance (active-backup)
 *   Currently Active Slave: eth0                    only in modes that have one; None
 *   MII Status: up                                  of the bond
 *   …
 *   Slave Interface: eth0
 *   MII Status: up                                  of this member
 */
export function parseBonding(device: string, text: string): Bond | undefined {
  let mode: string | undefined;
  let active: string | undefined;
  let member: string | undefined;
  const members = new Map<string, boolean>();
  for (const line of wholeLines(text)) {
    const [, key, value = ''] = /^([A-Za-z ]+): (.*)$/.exec(line) ?? [];
    if (key === 'Bonding Mode') mode = value;
    if (key === 'Currently Active Slave') active = value;
    if (key === 'Slave Interface') members.set((member = value), false);
    if (key === 'MII Status' && member !== undefined) members.set(member, value === 'up');
  }
  if (mode === undefined) return undefined;
  const up = [...members].filter(([, isUp]) => isUp).map(([name]) => name);
  const carriers = up.toSorted((a, b) => Number(b === active) - Number(a === active));
  return { device, members: members.size, membersUp: up.length, mode, carriers };
}
