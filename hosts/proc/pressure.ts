// Parses pressure stall information (PSI) from /proc/pressure/{cpu,io,memory}.

import type { Pressure } from '../../core/documents/evidence/pressure.ts';
import { numbersIn } from './whole-lines.ts';

/*
 *   some avg10=2.62 avg60=1.41 avg300=0.61 total=10559146     microseconds in which at least one task waited
 *   full avg10=0.00 avg60=0.00 avg300=0.00 total=0            … in which all tasks waited; always 0 for the CPU of a whole machine
 */
export function parsePressure(text: string): Pressure | undefined {
  const { some, full } = numbersIn(text, /^(some|full) .*\btotal=(\d+)$/);
  if (some === undefined) return undefined;
  return { someSeconds: some / 1e6, ...(full !== undefined && { fullSeconds: full / 1e6 }) };
}
