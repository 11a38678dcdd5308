import { expect, test } from 'vitest';
import { quantityText, sliderStops } from '../../../../../dashboards/web/what-if/quantities.ts';

test('a value is written in the format of its field, without loss of precision', () => {
  expect([500, 1024, 1500, 4 * 2 ** 20, 2 ** 30].map((size) => quantityText('messageBytes', size))).toEqual([
    '500B',
    '1KiB',
    '1500B',
    '4MiB',
    '1GiB',
  ]);
  expect([50e6, 10e9, 2.5e9, 49_999_999.7].map((speed) => quantityText('nic', speed))).toEqual([
    '50mbit',
    '10gbit',
    '2.5gbit',
    '50mbit',
  ]);
  expect(quantityText('compression', 1 / 3)).toBe('0.3333');
  expect(quantityText('acks', 'all')).toBe('all');
});

test('a slider has a stop at the measured value, and is set to the stop nearest to the requested value', () => {
  const slider = sliderStops({ name: 'messageBytes', text: '', measured: 500 });
  expect(slider?.texts[slider.at]).toBe('500B');
  expect(slider?.at).toBe(slider?.measuredAt);
  const asked = sliderStops({ name: 'messageBytes', text: '5000', value: 5000, measured: 500 });
  expect(asked?.texts[asked.at]).toBe('4KiB');
  expect(sliderStops({ name: 'groups', text: '' })).toMatchObject({ at: 0 });
  expect(sliderStops({ name: 'groups', text: '' })).not.toHaveProperty('measuredAt');
  expect(sliderStops({ name: 'acks', text: 'all' })).toBeUndefined();
});
