import { expect, test } from 'vitest';
import { packedSizeOf } from '../../../../../brokers/packed-size.ts';
import type { MessageSpec } from '../../../../../loadgen/plan/messages/message-spec.ts';
import { findRandomShare, measureRatio } from '../../../../../loadgen/plan/messages/target-ratio.ts';

const spec = (bytes: number): Omit<MessageSpec, 'filler'> => ({
  seed: 42,
  sizes: { kind: 'fixed', bytes },
  keys: { kind: 'none' },
});

test.each(
  (['gzip', 'snappy', 'lz4', 'zstd'] as const).flatMap((codec) =>
    [1.5, 2, 4].map((target) => ['kafka', codec, target] as const),
  ),
)('with %s and %s, 1 KiB messages reach a compression ratio of %d at any batch size', async (broker, codec, target) => {
  const packedSize = await packedSizeOf(broker, codec);
  const found = findRandomShare(spec(1024), target, packedSize);
  if (found.kind !== 'reached') throw new Error(`at most ${found.highest}`);
  const filler = { kind: 'mixed' as const, randomShare: found.randomShare };
  for (const sample of [{ from: 5_000_000 }, { from: 77, batchBytes: 16_384 }, { from: 9_000, batchBytes: 262_144 }]) {
    const ratio = measureRatio({ ...spec(1024), filler }, packedSize, sample);
    expect(Math.abs(ratio / target - 1)).toBeLessThan(0.1);
  }
});

test.each([1.5, 2, 3])('RocketMQ compresses each body separately with a ratio of %d', async (target) => {
  const packedSize = await packedSizeOf('rocketmq', 'gzip');
  const found = findRandomShare(spec(500), target, packedSize);
  if (found.kind !== 'reached') throw new Error(`at most ${found.highest}`);
  const filler = { kind: 'mixed' as const, randomShare: found.randomShare };
  const ratio = measureRatio({ ...spec(500), filler }, packedSize, { from: 1_000_000 });
  expect(Math.abs(ratio / target - 1)).toBeLessThan(0.1);
});

test('a ratio that small messages cannot reach is reported with the highest possible one', async () => {
  const found = findRandomShare(spec(60), 10, await packedSizeOf('rocketmq', 'gzip'));
  expect(found).toMatchObject({ kind: 'too-high' });
  if (found.kind === 'too-high') expect(found.highest).toBeGreaterThan(0.5);
});

test('random messages are not compressible with any codec', async () => {
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    const ratio = measureRatio({ ...spec(1024), filler: { kind: 'random' } }, await packedSizeOf('kafka', codec));
    expect(ratio).toBeLessThan(1.03);
  }
});
