import { expect, test } from 'vitest';
import { parsePressure } from '../../../../hosts/proc/stat.ts';

const some = 'some avg10=2.62 avg60=1.41 avg300=0.61 total=10559146\n';

test('returns seconds since boot', () =>
  expect(parsePressure(`${some}full avg10=0.00 avg60=0.00 avg300=0.00 total=7043544\n`)).toEqual({
    someSeconds: 10.559146,
    fullSeconds: 7.043544,
  }));

test('has no full share if the kernel has none', () => expect(parsePressure(some)).toEqual({ someSeconds: 10.559146 }));
