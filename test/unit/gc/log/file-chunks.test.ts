// Checks that plain and packed files are read whole through one buffer.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileChunks } from '../../../../gc/log/file-chunks.ts';
import { unpacked } from '../../../../gc/log/stored-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-chunks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Copies each chunk, because the next one overwrites it. */
async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

const content = Buffer.from(randomBytes(500_000).toString('hex'));

test.each([
  ['as it is', (bytes: Buffer) => bytes],
  ['packed', (bytes: Buffer) => gzipSync(bytes)],
])('reads a file of several chunks completely: %s', async (_, pack) => {
  const path = join(folder, 'gc.log');
  writeFileSync(path, pack(content));
  const read = await bytesOf(unpacked(fileChunks(path), () => undefined));
  expect(read.equals(content)).toBe(true);
});

test('reports a missing file with the code of the system', async () => {
  await expect(bytesOf(fileChunks(join(folder, 'none')))).rejects.toMatchObject({ code: 'ENOENT' });
});
