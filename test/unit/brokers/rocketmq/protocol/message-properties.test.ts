import { expect, test } from 'vitest';
import { decodeProperties, encodeProperties } from '../../../../../brokers/rocketmq/protocol/message-properties.ts';

test('reads the pairs with and without a last separator, and leaves out what is none', () => {
  const read = (text: string) => [...decodeProperties(Buffer.from(text))];
  const pairs = [
    ['KEYS', 'größe'],
    ['TAGS', ''],
  ];
  expect(read('KEYS\u0001größe\u0002TAGS\u0001\u0002')).toEqual(pairs);
  expect(read('KEYS\u0001größe\u0002TAGS\u0001')).toEqual(pairs);
  expect(read('lonely\u0002\u0001keyless\u0002')).toEqual([]);
});

test('refuses a value that would become another pair', () => {
  expect(() => encodeProperties(new Map([['KEYS', 'a\u0002b']]))).toThrow('"KEYS"');
});

test('refuses more than a message holds', () => {
  expect(() => encodeProperties(new Map([['KEYS', 'x'.repeat(32_767)]]))).toThrow('32767');
});
