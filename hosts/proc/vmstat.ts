// Parses /proc/vmstat: `pgmajfault 5119`, by the kernel's names.

import { presentRecord } from '../present.ts';
import { numbersIn } from './whole-lines.ts';

/** Keeps the counters that node_exporter keeps: faults, paging, swapping and kills. */
const keptCounter = /^((?:oom_kill|pgpg|pswp|pg\w*fault)\w*) (\d+)$/;

export const parseVmstat = (text: string): Record<string, number> | undefined =>
  presentRecord(numbersIn(text, keptCounter));
