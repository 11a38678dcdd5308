// Parses /proc/net/bonding/DEVICE: the members of a bond and which of them handle traffic.

import type { Bond } from '../../core/documents/evidence/host-reading.ts';
import { wholeLines } from './whole-lines.ts';

interface Member {
  name: string;
  isUp: boolean;
  /** Aggregator ID of LACP; absent in other modes. */
  aggregator?: string;
}

/*
 *   Bonding Mode: fault-tolerance (active-backup)
 *   Currently Active Slave: eth0                    only in modes with an active member; may be None
 *   MII Status: up                                  of the bond
 *   …
 *   Slave Interface: eth0
 *   MII Status: up                                  of this member
 *   Aggregator ID: 1                                of this member, with LACP
 *
 * This file shows the active aggregator only to CAP_NET_ADMIN; sysfs shows it to everyone.
 *
 * @param activeAggregator text of /sys/class/net/DEVICE/bonding/ad_aggregator; empty in other modes
 */
export function parseBonding(device: string, text: string, activeAggregator = ''): Bond | undefined {
  let mode: string | undefined;
  let active: string | undefined;
  const members: Member[] = [];
  for (const line of wholeLines(text)) {
    const [, key, value = ''] = /^([A-Za-z ]+): (.*)$/.exec(line) ?? [];
    const member = members.at(-1);
    if (key === 'Bonding Mode') mode = value;
    if (key === 'Currently Active Slave') active = value;
    if (key === 'Slave Interface') members.push({ name: value, isUp: false });
    if (key === 'MII Status' && member !== undefined) member.isUp = value === 'up';
    if (key === 'Aggregator ID' && member !== undefined) member.aggregator = value;
  }
  if (mode === undefined) return undefined;
  const up = members.filter(({ isUp }) => isUp);
  const carriers = inAggregator(up, activeAggregator.trim())
    ?.map(({ name }) => name)
    .toSorted((a, b) => Number(b === active) - Number(a === active));
  return { device, members: members.length, membersUp: up.length, mode, ...(carriers && { carriers }) };
}

/** Members that a switch put into an inactive aggregator are up and idle. @returns undefined if unknown */
function inAggregator(up: readonly Member[], active: string): readonly Member[] | undefined {
  if (new Set(up.map(({ aggregator }) => aggregator)).size <= 1) return up;
  return active === '' ? undefined : up.filter(({ aggregator }) => aggregator === active);
}
