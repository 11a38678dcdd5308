import { expect, test } from 'vitest';
import { chunkBytes, releaseChunks, retainChunks, acquireChunk } from '../../../../exporter/exposition/chunk-pool.ts';

const linesOf = (chunk: Buffer) => new Map([['lag', [chunk.subarray(0, 10)]]]);

test('a chunk is reused only after the last page that uses it releases it', () => {
  const lines = linesOf(acquireChunk());
  const [[chunk]] = [...lines.values()] as [[Buffer]];
  retainChunks(lines);
  retainChunks(lines);
  releaseChunks(lines);
  expect(acquireChunk().buffer).not.toBe(chunk.buffer);
  releaseChunks(lines);
  const again = acquireChunk();
  expect(again.buffer).toBe(chunk.buffer);
  expect(again.length).toBe(chunkBytes);
});

test('a chunk that is released twice is not used for two pages', () => {
  const lines = linesOf(acquireChunk());
  retainChunks(lines);
  releaseChunks(lines);
  releaseChunks(lines);
  expect(acquireChunk().buffer).not.toBe(acquireChunk().buffer);
});

test('buffers from outside the pool are ignored', () => {
  const lines = linesOf(Buffer.from('plimsoll_up 1\n'));
  retainChunks(lines);
  releaseChunks(lines);
  expect(acquireChunk().length).toBe(chunkBytes);
});
