import { expect, test } from 'vitest';
import { parseTimeZone } from '../../../../hosts/proc/time-zone.ts';

const at = (rule: string, time: string) => parseTimeZone(`TZif2\0\n${rule}\n`, Date.parse(time) / 1000);

test.each([
  ['UTC0', '2026-07-01T00:00:00Z', 'UTC', 0],
  ['CST-8', '2026-07-01T00:00:00Z', 'CST', 28_800],
  ['<+0330>-3:30', '2026-07-01T00:00:00Z', '+0330', 12_600],
  ['EST5EDT,M3.2.0,M11.1.0', '2026-07-01T00:00:00Z', 'EDT', -14_400],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-03-29T00:59:59Z', 'CET', 3600],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-03-29T01:00:00Z', 'CEST', 7200],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-25T00:59:59Z', 'CEST', 7200],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-25T01:00:00Z', 'CET', 3600],
  ['AEST-10AEDT,M10.1.0,M4.1.0/3', '2026-01-01T00:00:00Z', 'AEDT', 39_600],
  ['AEST-10AEDT,M10.1.0,M4.1.0/3', '2026-07-01T00:00:00Z', 'AEST', 36_000],
])('%s at %s is %s, %d seconds from UTC', (rule, time, name, offsetSeconds) =>
  expect(at(rule, time)).toEqual({ name, offsetSeconds }),
);

test.each(['', 'no rule at all', 'CET-1CEST,J60,J300'])('%j is not a known zone', (rule) =>
  expect(at(rule, '2026-01-01T00:00:00Z')).toBeUndefined(),
);
