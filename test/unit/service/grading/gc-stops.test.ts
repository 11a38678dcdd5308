import { expect, test } from 'vitest';
import type { GcLogReading } from '../../../../core/documents/evidence/gc-log-reading.ts';
import { createGcStops } from '../../../../service/grading/gc-stops.ts';

const log = (name: string, seconds?: number) =>
  ({ name, totals: { stopped: seconds === undefined ? [] : [{ reason: 'gc', seconds }] } }) as unknown as GcLogReading;
const stops = () => createGcStops(new Map([['orders', new Set(['a', 'b'])]]));

test('the JVMs of all hosts of a cluster are told together, and those of other hosts are not', () => {
  const { note, of } = stops();
  note('a', { gcLogs: [log('broker', 3), log('proxy')] });
  note('b', { gcLogs: [log('broker', 5)] });
  note('c', { gcLogs: [log('broker', 9)] });
  expect(of('orders')).toEqual(
    new Map([
      ['a/broker', 3],
      ['a/proxy', 0],
      ['b/broker', 5],
    ]),
  );
  expect(of('other')).toBeUndefined();
});

test('a reading without logs leaves what was known, and a log that was not read yet is not zero', () => {
  const { note, of } = stops();
  note('a', { gcLogs: [log('broker', 3), { name: 'new' } as GcLogReading] });
  note('a', {});
  expect(of('orders')).toEqual(new Map([['a/broker', 3]]));
});
