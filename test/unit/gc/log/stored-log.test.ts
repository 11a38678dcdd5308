import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createGcLogParser } from '../../../../gc/log/gc-log-parser.ts';
import type { GcEvent } from '../../../../gc/log/gc-event.ts';
import { readStoredLog } from '../../../../gc/log/stored-log.ts';

const line = (id: number) => `[${id}.000s][gc] GC(${id}) Pause Remark 121M->121M(128M) ${id}.837ms\n`;
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => line(from + index)).join('');

async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(...files: readonly Uint8Array[]) {
  const events: GcEvent[] = [];
  const parser = createGcLogParser({ event: (event) => events.push(event), unparsed() {} });
  const outcomes = [];
  for (const file of files) outcomes.push(await readStoredLog(inPieces(file), parser));
  parser.end();
  return { outcomes, pauses: events.filter(({ kind }) => kind === 'pause').length };
}

test('reads a plain log', async () => {
  const bytes = Buffer.from(lines(0, 500));
  expect(await read(bytes)).toEqual({ outcomes: [{ kind: 'gc-log', bytes: bytes.length }], pauses: 500 });
});

test('reads a compressed log, even one of several gzip members', async () => {
  const parts = [gzipSync(lines(0, 500)), gzipSync(lines(500, 900))];
  expect(await read(Buffer.concat(parts))).toMatchObject({ outcomes: [{ kind: 'gc-log' }], pauses: 900 });
});

test('reads a truncated compressed log as far as possible, and reports the damage', async () => {
  const packed = gzipSync(lines(0, 5000));
  const { outcomes, pauses } = await read(packed.subarray(0, packed.length - 2000));
  expect(outcomes).toMatchObject([{ kind: 'gc-log', damage: 'gzip-cut' }]);
  expect(pauses).toBeGreaterThan(0);
});

test('reads a corrupt compressed log as far as possible, and reports the damage', async () => {
  const packed = Buffer.concat([gzipSync(lines(0, 5000)), gzipSync(lines(0, 5000))]);
  packed.fill(0xff, packed.length - 1000, packed.length - 900);
  const { outcomes, pauses } = await read(packed);
  expect(outcomes).toMatchObject([{ kind: 'gc-log', damage: 'gzip-corrupt' }]);
  expect(pauses).toBeGreaterThanOrEqual(5000);
});

test.each([
  ['empty', new Uint8Array()],
  ['empty', gzipSync('')],
  ['binary', Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256))],
  ['no-gc-lines', Buffer.from('127.0.0.1 - - "GET / HTTP/1.1" 200\n'.repeat(50))],
])('%s content is not a GC log', async (why, bytes) => {
  expect(await read(bytes)).toEqual({ outcomes: [{ kind: 'not-a-gc-log', why }], pauses: 0 });
});

test('a log that was truncated while open starts with NULs, and is still a GC log', async () => {
  const bytes = Buffer.concat([Buffer.alloc(100_000), Buffer.from(lines(0, 3))]);
  expect(await read(bytes)).toMatchObject({ outcomes: [{ kind: 'gc-log' }], pauses: 3 });
});

test('a truncated last line of a file does not affect the next file', async () => {
  const cut = Buffer.from(lines(0, 2).slice(0, -8));
  expect((await read(cut, Buffer.from(lines(2, 4)))).pauses).toBe(3);
});

test('throws errors of the reader', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield gzipSync(lines(0, 5000)).subarray(0, 500);
    throw new Error('EIO: i/o error');
  }
  const parser = createGcLogParser({ event() {}, unparsed() {} });
  await expect(readStoredLog(failing(), parser)).rejects.toThrow('EIO');
});
