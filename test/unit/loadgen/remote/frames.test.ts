import { expect, test } from 'vitest';
import { createLineCutter, decodeFrame, encodeFrame, FromWorker, ToWorker } from '../../../../loadgen/remote/link.ts';

const cutAll = (bytes: Buffer, pieces: number) => {
  const cut = createLineCutter(() => 1000);
  const size = Math.ceil(bytes.length / pieces);
  return Array.from({ length: pieces }, (_, piece) => cut(bytes.subarray(piece * size, (piece + 1) * size))).flat();
};

test('keeps all nanoseconds of the origin of a run', () => {
  const origin = { nanoseconds: 12_345_678_901_234_567_890n, epochMicroseconds: 1.5, fromSeconds: 0 };
  const frame: ToWorker = { kind: 'tell', thread: 3, message: { kind: 'start', origin } };
  expect(decodeFrame(ToWorker, encodeFrame(frame))).toEqual(frame);
});

test('finds frames at any split of the network', () => {
  const frames: FromWorker[] = [
    { kind: 'pong', id: 1, nanoseconds: '17', epochMicroseconds: 3 },
    { kind: 'report', thread: 0, report: { kind: 'driven', untilSeconds: 4 } },
  ];
  const bytes = Buffer.concat(frames.map(encodeFrame));
  for (const pieces of [1, 2, 7, bytes.length]) {
    expect(cutAll(bytes, pieces).map((line) => decodeFrame(FromWorker, line))).toEqual(frames);
  }
});

test.each([
  ['text that is not JSON', 'quit'],
  ['an unknown kind', '{"kind":"shell","command":"rm"}'],
  ['an invalid line', '{"kind":"report","thread":0,"report":{"kind":"lines","lines":[{"kind":"produced"}]}}'],
  ['a negative thread number', '{"kind":"report","thread":-1,"report":{"kind":"done"}}'],
])('refuses %s', (_, text) => {
  expect(() => decodeFrame(FromWorker, Buffer.from(text))).toThrow(/does not understand/);
});

test('an unknown error code becomes run-failed', () => {
  const text =
    '{"kind":"report","thread":0,"report":{"kind":"fault","code":"of-tomorrow","message":"no","hint":"none"}}';
  expect(decodeFrame(FromWorker, Buffer.from(text))).toMatchObject({ report: { code: 'run-failed' } });
});

test('a line without an end is refused at the size limit', () => {
  const cut = createLineCutter(() => 10);
  expect(cut(Buffer.from('12345'))).toEqual([]);
  expect(() => cut(Buffer.from('678901'))).toThrow(/more than 10 bytes/);
});
