// Parses /proc/loadavg.

import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import { wholeLines } from './whole-lines.ts';

/** Parses `0.42 0.30 0.25 1/94 9428`: load over one, five and fifteen minutes, running tasks, last pid. */
export function parseLoadavg(text: string): HostReading['load'] {
  const [, one, five, fifteen] = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(wholeLines(text)[0] ?? '') ?? [];
  return one === undefined ? undefined : { one: Number(one), five: Number(five), fifteen: Number(fifteen) };
}
