import { expect, test } from 'vitest';
import {
  decodeProperties,
  encodeProperties,
  isDelayed,
  findProperty,
} from '../../../../../brokers/rocketmq/protocol/message-properties.ts';

test('parses pairs with or without a final separator, and skips invalid ones', () => {
  const read = (text: string) => [...decodeProperties(Buffer.from(text))];
  const pairs = [
    ['KEYS', 'größe'],
    ['TAGS', ''],
  ];
  expect(read('KEYS\u0001größe\u0002TAGS\u0001\u0002')).toEqual(pairs);
  expect(read('KEYS\u0001größe\u0002TAGS\u0001')).toEqual(pairs);
  expect(read('lonely\u0002\u0001keyless\u0002')).toEqual([]);
});

test('refuses a value that contains a separator', () => {
  expect(() => encodeProperties(new Map([['KEYS', 'a\u0002b']]))).toThrow('"KEYS"');
});

test('refuses properties that exceed the size limit', () => {
  expect(() => encodeProperties(new Map([['KEYS', 'x'.repeat(32_767)]]))).toThrow('32767');
});

test('finds a property by its full name only', () => {
  const find = (text: string) => findProperty(Buffer.from(text), 'KEYS')?.toString();
  expect(find('KEYS\u0001a b\u0002TAGS\u0001x\u0002')).toBe('a b');
  expect(find('MORE_KEYS\u0001no\u0002TAGS\u0001KEYS\u0002KEYS\u0001last')).toBe('last');
  expect(find('MORE_KEYS\u0001no\u0002')).toBeUndefined();
});

test.each([
  ['DELAY', '3', true],
  ['DELAY', '0', false],
  ['DELAY', 'soon', false],
  ['TIMER_DELAY_SEC', '10', true],
  ['TIMER_DELAY_MS', '10', true],
  ['TIMER_DELIVER_MS', '1001', true],
  ['TIMER_DELIVER_MS', '1000', false],
  ['TAGS', '3', false],
])('the broker delivers a message with %s %s later: %s', (name, value, expected) => {
  expect(isDelayed(new Map([[name, value]]), 1000)).toBe(expected);
});
