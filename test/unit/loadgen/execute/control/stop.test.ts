import { expect, test } from 'vitest';
import { createStop } from '../../../../../loadgen/execute/run.ts';
import type { Breach } from '../../../../../loadgen/guard/guard.ts';

const { signal } = new AbortController();

async function heard(asks: { before?: string; during?: string }) {
  const breaches: Breach[] = [];
  const stop = createStop(undefined);
  if (asks.before !== undefined) stop.ask(asks.before);
  await stop.guard.watch({ signal, onBreach: (breach) => breaches.push(breach) });
  if (asks.during !== undefined) stop.ask(asks.during);
  return breaches;
}

test('a stop request ends the run with its reason, even if it came before the start', async () => {
  const stopped = (reason: string) => [{ input: 'stop', reason, ends: 'run' }];
  expect(await heard({ during: 'orders are slow' })).toEqual(stopped('orders are slow'));
  expect(await heard({ before: 'too soon' })).toEqual(stopped('too soon'));
  expect(await heard({})).toEqual([]);
});

test("calls to the stop's guard are forwarded to the real guard", async () => {
  const seen: unknown[] = [];
  const stop = createStop({
    watch: async ({ onBreach }) => onBreach({ input: 'p99', reason: 'slow', ends: 'trial' }),
    observe: (lines) => seen.push(lines),
    completeSecond: () => seen.push('second'),
    see: (records) => seen.push(records),
    limits: () => [],
  });
  const breaches: Breach[] = [];
  await stop.guard.watch({ signal, onBreach: (breach) => breaches.push(breach) });
  stop.guard.observe([]);
  stop.guard.completeSecond();
  stop.guard.see([]);
  expect([seen.length, breaches[0]?.input]).toEqual([3, 'p99']);
});
