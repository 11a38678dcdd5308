import { expect, test } from 'vitest';
import {
  LooseObject,
  parseLooseJson,
  parseLooseObject,
  wholeNumberOf,
} from '../../../../../brokers/rocketmq/protocol/loose-json.ts';

const parse = (text: string) => parseLooseJson(Buffer.from(text));
const object = (text: string) => parseLooseObject(Buffer.from(text));
const refusal = (text: string) => {
  try {
    parse(text);
  } catch (fault) {
    return { code: (fault as { code?: string }).code, message: (fault as Error).message };
  }
  throw new Error('it was read');
};

test('unquoted number keys stay numbers, in their order', () =>
  expect(object('{1:"b",0:"a"}').entries).toEqual([
    [1, 'b'],
    [0, 'a'],
  ]));

test('keys that are objects are parsed as objects with their fields', () => {
  const table = object('{"offsetTable":{{"brokerName":"a","queueId":3,"topic":"t"}:{"maxOffset":7}}}').object(
    'offsetTable',
  );
  const [key, value] = table?.entries[0] ?? [];
  if (!(key instanceof LooseObject) || !(value instanceof LooseObject)) throw new Error('no objects');
  expect([key.text('brokerName'), key.number('queueId'), key.text('topic'), value.bigint('maxOffset')]).toEqual([
    'a',
    3,
    't',
    7n,
  ]);
});

test.each([[999_999_999_999_999], [1_000_000_000_000_000], [9_007_199_254_740_991], [-1], [0]])(
  'the number %d is parsed exactly',
  (value) => expect([parse(String(value)), parse(`[${value}]`)]).toEqual([value, [value]]),
);

test('a 64-bit number is exact', () => {
  const numbers = object('{"max":9223372036854775807,"min":-9223372036854775808,"safe":9007199254740991}');
  expect([numbers.bigint('max'), numbers.bigint('min'), numbers.bigint('safe')]).toEqual([
    9223372036854775807n,
    -9223372036854775808n,
    9007199254740991n,
  ]);
});

test('a value that is not a number is unknown', () => {
  const numbers = object('{"a":null,"b":NaN,"c":Infinity,"d":-Infinity,"e":1e999}');
  expect(['a', 'b', 'c', 'd', 'e', 'absent'].map((name) => numbers.number(name))).toEqual(Array(6).fill(undefined));
});

test("decimals and exponents are parsed in Java's notation", () =>
  expect(parse('[0.0, -1.5, 1.0E-4, 3E10, 12.]')).toEqual([0, -1.5, 0.0001, 3e10, 12]));

test('a reference to an earlier object is kept as data', () =>
  expect(object('{"b":{"$ref":"$.a"}}').object('b')?.text('$ref')).toBe('$.a'));

test('text keeps every character, plain or escaped', () =>
  expect(parse(String.raw`["\"\\\/\b\f\n\r\t", "é 主题", "\u4E3b\x41\0\7\v\'"]`)).toEqual([
    '"\\/\b\f\n\r\t',
    'é 主题',
    "主A\0\x07\v'",
  ]));

test('flags and lists are read, and null is absent', () => {
  const value = object('{"yes":true,"list":[1,"a"],"gone":null}');
  expect([value.flag('yes'), value.list('list'), value.list('gone'), value.text('gone')]).toEqual([
    true,
    [1, 'a'],
    undefined,
    undefined,
  ]);
});

test.each([
  ['text', (value: LooseObject) => value.text('field')],
  ['a list', (value: LooseObject) => value.list('field')],
  ['an object', (value: LooseObject) => value.object('field')],
  ['true or false', (value: LooseObject) => value.flag('field')],
  ['a whole number', (value: LooseObject) => value.bigint('field')],
])('the error about a field that is not %s names the field', (expected, read) =>
  expect(() => read(object('{"field":1.5}'))).toThrow(`field should be ${expected}, but is the number 1.5`),
);

test('a response that is not an object is refused where one is expected', () =>
  expect(() => object('[1]')).toThrow('expected an object, got a list'));

test('a key with a whole number is parsed, unquoted or as text', () =>
  expect([0, '12', '-1', 'a', 1.5, true].map(wholeNumberOf)).toEqual([0, 12, -1, undefined, undefined, undefined]));

test.each([
  ['', 'cut off at byte 0 of 0'],
  ['{"a":', 'cut off at byte 5 of 5'],
  ['{"a":1', 'cut off at byte 6 of 6'],
  ['{"a"', 'no colon after a key at byte 4 of 4'],
  ['["a', 'cut off at byte 3 of 3'],
  ['["\\', 'cut off at byte 3 of 3'],
  ['["\\q"]', 'unknown escape "q" at byte 4 of 6'],
  ['["\\u12"]', 'an escape without digits at byte 4 of 8'],
  ['[1 2]', 'no comma between two items at byte 3 of 5'],
  ['[1]x', 'text after the end at byte 3 of 4'],
  ['[--1]', 'neither value nor key at byte 1 of 5'],
  ['[toString]', 'neither value nor key at byte 1 of 10'],
])('%s is refused with the position', (text, message) =>
  expect(refusal(text)).toEqual({ code: 'answer-unreadable', message }),
);

test('deeply nested input is refused before the stack overflows', () =>
  expect(refusal('['.repeat(100_000)).message).toBe('nested deeper than 64 at byte 64 of 100000'));

test('input with too many values for its size is refused', () =>
  expect(refusal(`[${'0,'.repeat(5_000_001)}0]`).message).toMatch(/^more than 5000000 values/));
