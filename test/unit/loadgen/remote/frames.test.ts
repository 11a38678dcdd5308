import { expect, test } from 'vitest';
import { createLineCutter, decodeFrame, encodeFrame, FromWorker, ToWorker } from '../../../../loadgen/remote/link.ts';

const cutAll = (bytes: Buffer, pieces: number) => {
  const cut = createLineCutter(() => 1000);
  const size = Math.ceil(bytes.length / pieces);
  return Array.from({ length: pieces }, (_, piece) => cut(bytes.subarray(piece * size, (piece + 1) * size))).flat();
};

test('carries the origin of a run with all of its nanoseconds', () => {
  const origin = { nanoseconds: 12_345_678_901_234_567_890n, epochMicroseconds: 1.5, fromSeconds: 0 };
  const frame: ToWorker = { kind: 'tell', thread: 3, message: { kind: 'start', origin } };
  expect(decodeFrame(ToWorker, encodeFrame(frame))).toEqual(frame);
});

test('finds the frames wherever the network cut them', () => {
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
  ['no JSON', 'quit'],
  ['another kind', '{"kind":"shell","command":"rm"}'],
  ['a line that is none', '{"kind":"report","thread":0,"report":{"kind":"lines","lines":[{"kind":"produced"}]}}'],
  ['a thread that is no number', '{"kind":"report","thread":-1,"report":{"kind":"done"}}'],
])('refuses %s', (_, text) => {
  expect(() => decodeFrame(FromWorker, Buffer.from(text))).toThrow(/does not understand/);
});

test('takes a fault it does not know for a failed run', () => {
  const text =
    '{"kind":"report","thread":0,"report":{"kind":"fault","code":"of-tomorrow","message":"no","hint":"none"}}';
  expect(decodeFrame(FromWorker, Buffer.from(text))).toMatchObject({ report: { code: 'run-failed' } });
});

test('does not keep what never ends', () => {
  const cut = createLineCutter(() => 10);
  expect(cut(Buffer.from('12345'))).toEqual([]);
  expect(() => cut(Buffer.from('678901'))).toThrow(/more than 10 bytes/);
});
