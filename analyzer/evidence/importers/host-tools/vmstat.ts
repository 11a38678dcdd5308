// Parses the CPU columns of vmstat, one line per interval; its memory columns lack available memory.

import {
  type HostToolImporter,
  leftOut,
  type PrintedTime,
  readPercent,
  type ToolReading,
  unreadableReadings,
} from './host-tool.ts';
import { readClock, readDates } from './printed-time.ts';

/*
 * procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu----- -----timestamp-----
 *  r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st                 UTC
 *  6  0      0 23045452  23960 1241032  0    0   874  1153  760 2174 34  6 59  0  0 2026-11-20 13:52:55    since boot
 *  1  0      0 23045452  23960 1241032  0    0   128     0   94  144  0  1 99  0  0 2026-11-20 13:52:56    an interval
 *
 * With -w the first line begins with `--procs--`.
 *
 * Twelve columns of counts, then us sy id wa st, and since procps-ng 4 also gu (guest, included in us); words follow
 * the locale.
 */
const counts = 12;
const head = /^\s*r\s+b\s.*\bus\s+sy\s+id\s+wa\b/m;
const row = /^\s*\d+\s+\d+\s+\d/;

export const vmstat = {
  tool: 'vmstat',

  detect: (text) => head.test(text) && /^(?:--)?procs\s?-/m.test(text),

  import(text) {
    const { left, leave } = leftOut();
    const isUtc = /^\s*r\s+b\s.*\sUTC\s*$/m.test(text);
    const readings: ToolReading[] = [];
    for (const line of text.split(/\r?\n/)) {
      if (!row.test(line)) continue;
      const fields = line.trim().split(/\s+/);
      const [user, system, idle, iowait, steal] = fields.slice(counts).map(readPercent);
      if (user === undefined || system === undefined || idle === undefined || iowait === undefined) {
        leave('rows that were not understood');
        continue;
      }
      readings.push({
        at: readTime(line, isUtc),
        host: { cpu: { user, system, idle, iowait, ...(steal !== undefined && { steal }) } },
      });
    }
    if (readings.length < 2) {
      throw unreadableReadings(
        'vmstat',
        readings.length === 0 ? 'there is no row' : 'its only row is the mean since boot',
        'give what `vmstat -t 1` prints while the load runs',
      );
    }
    leave('first row, the mean since boot');
    return { readings: readings.slice(1), left };
  },
} satisfies HostToolImporter;

function readTime(line: string, isUtc: boolean): PrintedTime {
  const [, stamp] = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*$/.exec(line) ?? [];
  if (stamp === undefined) return { kind: 'order' };
  if (isUtc) return { kind: 'instant', epochMs: Date.parse(`${stamp.replace(' ', 'T')}Z`) };
  const clock = readClock(stamp.slice(10));
  return clock ? { kind: 'local', dates: readDates(stamp), secondOfDay: clock.secondOfDay } : { kind: 'order' };
}
