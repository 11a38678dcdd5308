import { expect, test } from 'vitest';
import { createStop } from '../../../../../loadgen/execute/control/stop.ts';
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

test('a word to stop ends the run with its reason, also one that came too early', async () => {
  const stopped = (reason: string) => [{ input: 'stop', reason, ends: 'run' }];
  expect(await heard({ during: 'orders are slow' })).toEqual(stopped('orders are slow'));
  expect(await heard({ before: 'too soon' })).toEqual(stopped('too soon'));
  expect(await heard({})).toEqual([]);
});

test('what the guard saw goes on to it', async () => {
  const seen: unknown[] = [];
  const stop = createStop({
    watch: async ({ onBreach }) => onBreach({ input: 'p99', reason: 'slow', ends: 'trial' }),
    observe: (lines) => seen.push(lines),
    completeSecond: () => seen.push('second'),
    see: (records) => seen.push(records),
  });
  const breaches: Breach[] = [];
  await stop.guard.watch({ signal, onBreach: (breach) => breaches.push(breach) });
  stop.guard.observe([]);
  stop.guard.completeSecond();
  stop.guard.see([]);
  expect([seen.length, breaches[0]?.input]).toEqual([3, 'p99']);
});
