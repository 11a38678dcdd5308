import { expect, test } from 'vitest';
import { createLikeLines } from '../../../../../analyzer/evidence/importers/like-lines.ts';

/** @returns the result for the second line after the first line was parsed */
function readAfter(first: string, second: string): unknown {
  const lines = createLikeLines();
  lines.learn(Buffer.from(first), 0, Buffer.byteLength(first), JSON.parse(first));
  return lines.read(Buffer.from(second), 0, Buffer.byteLength(second));
}

const like = '{"host":"a","at":1,"cpus":[{"user":0.5,"nice":0},{"user":0.25,"nice":0}],"name":"x","drops":7}';

test.each([
  '{"host":"a","at":2,"cpus":[{"user":10.5,"nice":3},{"user":0.1,"nice":0}],"name":"x","drops":0}',
  '{"host":"a","at":-2,"cpus":[{"user":0.1,"nice":123456789012345},{"user":0.0000001,"nice":0.3}],"name":"x","drops":99.99}',
])('a line that differs only in numbers is decoded as JSON.parse would: %s', (line) =>
  expect(readAfter(like, line)).toEqual(JSON.parse(line)),
);

test.each([
  ['another string', like.replace('"x"', '"y"')],
  ['another key', like.replace('drops', 'drips')],
  ['an additional number', like.replace('"nice":0}]', '"nice":0},{"user":1,"nice":1}]')],
  ['null instead of a number', like.replace('0.5', 'null')],
  ['a number in exponent notation', like.replace('0.5', '5e-1')],
  ['more digits than are exact', like.replace('0.5', '0.1234567890123456')],
  ['a leading zero', like.replace('0.5', '00.5')],
  ['no digit after the point', like.replace('0.5', '1.')],
  ['a negative zero', like.replace('0.5', '-0')],
  ['a missing number', like.replace('0.5', '')],
  ['its end cut off', like.slice(0, -4)],
  ['trailing characters', `${like} `],
  ['another host', like.replace('"a"', '"b"')],
])('a line with %s has to be parsed', (_, line) => expect(readAfter(like, line)).toBeUndefined());

test.each([
  ['a numeric key, which objects list first', '{"b":1,"7":2}'],
  ['a duplicate key', '{"a":1,"a":2}'],
  ['no number', '{"a":"1"}'],
])('a line with %s is not used as a pattern', (_, line) => expect(readAfter(line, line)).toBeUndefined());

test('digits and quotes in strings are not numbers', () => {
  const line = String.raw`{"text":"5 \"6\" \\","at":1}`;
  expect(readAfter(line, line.replace(':1', ':2'))).toEqual({ text: '5 "6" \\', at: 2 });
});

test('a returned value is not overwritten by the next read, but by the one after it', () => {
  const lines = createLikeLines();
  const bytesOf = (at: number) => Buffer.from(`{"at":${at},"same":5}`);
  const read = (at: number) => lines.read(bytesOf(at), 0, bytesOf(at).length);
  lines.learn(bytesOf(1), 0, bytesOf(1).length, { at: 1, same: 5 });
  const [first, second] = [read(2), read(3)];
  expect([first, second]).toEqual([
    { at: 2, same: 5 },
    { at: 3, same: 5 },
  ]);
  expect(read(4)).toBe(first);
});

test('no line is used as a pattern if every line differs', () => {
  const lines = createLikeLines();
  const line = (word: number) => Buffer.from(`{"at":1,"text":"${String.fromCharCode(97 + word)}"}`);
  for (let word = 0; word < 20; word += 1) {
    expect(lines.read(line(word), 0, line(word).length)).toBeUndefined();
    lines.learn(line(word), 0, line(word).length, JSON.parse(line(word).toString()));
  }
  expect(lines.read(line(19), 0, line(19).length)).toBeUndefined();
});
