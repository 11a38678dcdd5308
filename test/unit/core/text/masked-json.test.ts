import { expect, test } from 'vitest';
import { maskedJson } from '../../../../core/text/masked-json.ts';

const masked = (value: string, ...fields: string[]) => maskedJson(Buffer.from(value), fields);
const parsed = (value: string, ...fields: string[]) => JSON.parse(masked(value, ...fields) ?? 'null') as unknown;

test('masks fields at any depth, whatever their case and value', () => {
  const order = '{"id":1,"Card":{"number":"4111"},"items":[{"phone":"139"}],"phone":null}';
  expect(parsed(order, 'card', 'PHONE')).toEqual({ id: 1, Card: '•••', items: [{ phone: '•••' }], phone: '•••' });
});

test('masks fields in JSON within a string', () => {
  const wrapped = JSON.stringify({ payload: JSON.stringify({ phone: '13900000000', id: 2 }) });
  expect(masked(wrapped, 'phone')).not.toContain('139');
  expect(masked(wrapped, 'phone')).toContain('id');
});

test('numbers keep all their digits', () => {
  const order = '{"id":9007199254740993,"price":1.10}';
  expect(masked(order)).toBe(order);
  expect(maskedJson(Buffer.from(order), [], 2)).toBe('{\n  "id": 9007199254740993,\n  "price": 1.10\n}');
});

test.each(['order 4711', '', '{"torn":', '\u0000\u0001'])('returns nothing for %j, which is not JSON', (value) => {
  expect(masked(value, 'phone')).toBeUndefined();
});

test('returns nothing for values above one mebibyte', () => {
  expect(masked(JSON.stringify({ phone: '1', rest: 'x'.repeat(2 ** 20) }), 'phone')).toBeUndefined();
});

test.each(['13912345678', '"13912345678"', JSON.stringify('{"phone":"139"}'), 'null', '["139"]', '[["139"],{"id":1}]'])(
  'hides a value without field names if fields are masked, and shows it otherwise: %s',
  (value) => {
    expect(masked(value, 'phone')).toBeUndefined();
    expect(masked(value)).toBe(value);
  },
);

test('masks fields in JSON that was encoded into a string twice', () => {
  const twice = JSON.stringify(JSON.stringify({ phone: '13900000000', id: 2 }));
  const wrapped = JSON.stringify([{ payload: twice }]);
  expect(masked(wrapped, 'phone')).not.toContain('139');
  expect(masked(wrapped, 'phone')).toContain('id');
});
