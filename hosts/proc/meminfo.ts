// Parses /proc/meminfo.

import { presentRecord } from '../present.ts';
import { numbersIn } from './whole-lines.ts';

/**
 * Lines are `MemTotal:       24684096 kB`; parseHugePages reads lines without a unit.
 * @returns bytes by kernel names; a kB here is 1024 bytes.
 */
export const parseMeminfo = (text: string): Record<string, number> =>
  numbersIn(text, /^([A-Za-z]\S*):\s+(\d+) kB$/, 1024);

/** @returns lines without a unit, in pages: HugePages_Total, HugePages_Free, HugePages_Rsvd, HugePages_Surp */
export const parseHugePages = (text: string): Record<string, number> | undefined =>
  presentRecord(numbersIn(text, /^(HugePages_\w+):\s+(\d+)$/));
