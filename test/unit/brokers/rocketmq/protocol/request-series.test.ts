import { expect, test } from 'vitest';
import type { Response } from '../../../../../brokers/rocketmq/protocol/frame.ts';
import { AppError } from '../../../../../core/errors.ts';
import { PendingSeries } from '../../../../../brokers/rocketmq/protocol/request-series.ts';

const refusal = (remark: string): Response => ({ code: 2, fields: {}, remark, body: Buffer.alloc(0) });

function pending(count: number) {
  const told: [number, number][] = [];
  const series = {
    count,
    put: () => {},
    requestOf: () => ({ code: 310, fields: {} }),
    isGood: () => false,
    meaningOf: ({ remark }: Response) => new AppError('broker-refused', remark ?? ''),
    onAnswered: (from: number, to: number) => void told.push([from, to]),
  };
  return { told, series: new PendingSeries(series, 100, 0, new AbortController().signal) };
}

test('reports responses in order as one range per call', async () => {
  const { told, series } = pending(4);
  for (const opaque of [100, 101]) series.take(opaque);
  series.tell();
  series.tell();
  for (const opaque of [102, 103]) series.take(opaque);
  expect(told).toEqual([
    [0, 2],
    [2, 4],
  ]);
  expect(await series.ended).toEqual({ kind: 'answered' });
});

test('reports responses in any order, each once', async () => {
  const { told, series } = pending(6);
  for (const opaque of [103, 100, 101, 105, 104, 102]) series.take(opaque);
  const indices = told.flatMap(([from, to]) => Array.from({ length: to - from }, (_, index) => from + index));
  expect(indices.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(await series.ended).toEqual({ kind: 'answered' });
});

test('ends with the first refusal after all other responses, and does not report refused requests', async () => {
  const { told, series } = pending(4);
  series.take(100);
  series.take(101, refusal('first'));
  series.take(103, refusal('second'));
  expect(series.isOpen).toBe(true);
  series.take(102);
  expect(told).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(await series.ended).toEqual({ kind: 'failed', reason: new AppError('broker-refused', 'first') });
});

test('ends with the refusal whose outcome is unknown, regardless of its position', async () => {
  const { series } = pending(3);
  for (const [index, remark] of ['first', 'UNKNOWN_ERROR', 'third'].entries()) {
    series.take(100 + index, refusal(`code 1: ${remark}`));
  }
  expect(await series.ended).toMatchObject({ reason: { message: 'code 1: UNKNOWN_ERROR' } });
});
