import { expect, test } from 'vitest';
import { chunkBytes, giveBackChunks, holdChunks, takeChunk } from '../../../../exporter/exposition/chunk-pool.ts';

const linesOf = (chunk: Buffer) => new Map([['lag', [chunk.subarray(0, 10)]]]);

test('a chunk is used again when the last page it stands on gives it back, and not before', () => {
  const lines = linesOf(takeChunk());
  const [[chunk]] = [...lines.values()] as [[Buffer]];
  holdChunks(lines);
  holdChunks(lines);
  giveBackChunks(lines);
  expect(takeChunk().buffer).not.toBe(chunk.buffer);
  giveBackChunks(lines);
  const again = takeChunk();
  expect(again.buffer).toBe(chunk.buffer);
  expect(again.length).toBe(chunkBytes);
});

test('a chunk given back twice is not on two pages', () => {
  const lines = linesOf(takeChunk());
  holdChunks(lines);
  giveBackChunks(lines);
  giveBackChunks(lines);
  expect(takeChunk().buffer).not.toBe(takeChunk().buffer);
});

test('memory of others is left alone', () => {
  const lines = linesOf(Buffer.from('plimsoll_up 1\n'));
  holdChunks(lines);
  giveBackChunks(lines);
  expect(takeChunk().length).toBe(chunkBytes);
});
