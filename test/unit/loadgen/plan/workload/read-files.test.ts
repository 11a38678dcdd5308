import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packedSizeOf } from '../../../../../brokers/packed-size.ts';
import type { CapturedTopic } from '../../../../../core/documents/captured-topic.ts';
import { createMessages } from '../../../../../loadgen/plan/messages/message-source.ts';
import { completeWorkload, WorkloadFile } from '../../../../../loadgen/plan/workload.ts';
import { messageSpecOf } from '../../../../../loadgen/plan/workload/message-spec-of.ts';
import { readWorkloadFiles } from '../../../../../loadgen/plan/workload/read-files.ts';

const capture: CapturedTopic = {
  schemaVersion: 1,
  broker: 'kafka',
  capturedAt: '2026-01-01T00:00:00.000Z',
  seconds: 10,
  messages: 100,
  partitions: 3,
  sizes: [
    { from: 8, to: 15, count: 10 },
    { from: 64, to: 127, count: 60 },
    { from: 128, to: 255, count: 30 },
  ],
  keys: {
    messages: 80,
    bytes: 12.4,
    distinct: 111,
    bands: [
      { keys: 1, count: 30 },
      { keys: 110, count: 50 },
    ],
  },
  compression: { lz4: 1.8 },
  rate: [{ time: 0, rate: 10 }],
};

async function read(written: object, files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-workload-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const profile = { kind: 'constant', rate: 1, duration: '1s' };
  return readWorkloadFiles(WorkloadFile.parse({ messageSize: '1KiB', profile, ...written }), folder, {
    signal: new AbortController().signal,
  });
}

test('a captured topic provides sizes, keys and compression ratio', async () => {
  const file = { histogram: 'orders.json' };
  const workload = await read(
    { messageSize: file, keys: file, compressionRatio: file, compression: 'lz4' },
    { 'orders.json': JSON.stringify(capture) },
  );
  expect(workload.compressionRatio).toBe(1.8);
  const messages = createMessages(messageSpecOf(completeWorkload(workload, {}), await packedSizeOf('kafka', 'lz4')));
  // No message is shorter than its header.
  expect(messages.sizes).toMatchObject({ smallest: 24, largest: 255 });
  expect(messages.keys).toEqual({ distinct: 111, bytes: 12 });
  const bare = Array.from({ length: 1000 }, (_, n) => messages.keyOf(n)).filter((key) => key === undefined).length;
  expect(bare).toBeGreaterThan(150);
  expect(bare).toBeLessThan(250);
});

test('a curve is read from a path relative to the workload file', async () => {
  const workload = await read(
    { profile: { kind: 'replay', file: 'day.csv', factor: 3 } },
    { 'day.csv': 'time,rate\n0,1\n60,2\n' },
  );
  expect(workload.profile).toMatchObject({ kind: 'replay', factor: 3, points: [{ rate: 1 }, { rate: 2 }] });
});

test.each([
  [{ messageSize: { histogram: 'gone.json' } }, {}, /cannot read .*gone\.json: no such file/],
  [{ messageSize: { histogram: 'a.json' } }, { 'a.json': '{' }, /a\.json: it is not JSON/],
  [{ messageSize: { histogram: 'a.json' } }, { 'a.json': '{"schemaVersion":1}' }, /not what `plimsoll capture` writes/],
  [
    { compression: 'zstd', compressionRatio: { histogram: 'a.json' } },
    { 'a.json': JSON.stringify(capture) },
    /a\.json: it has no ratio of zstd/,
  ],
  [{ profile: { kind: 'replay', file: 'c.csv' } }, { 'c.csv': 'time,rate\n5,1\n5,2\n' }, /c\.csv: times must increase/],
])('%j is refused with the name of the file', async (written, files, words) => {
  await expect(read(written, files)).rejects.toThrow(words);
});
