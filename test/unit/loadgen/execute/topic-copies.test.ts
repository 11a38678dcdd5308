import { expect, test } from 'vitest';
import type { RunProgress } from '../../../../loadgen/record/progress.ts';
import { awaitCopies } from '../../../../loadgen/execute/topic.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const io = { signal: new AbortController().signal };

/** @param at seconds after which each slave has each topic */
function start(at: Readonly<Record<string, number>>, topics = ['orders']) {
  const clock = createSteppedClock();
  const told: RunProgress[] = [];
  const asked: string[] = [];
  const admin = {
    async slavesWithout(topic: string) {
      asked.push(topic);
      return Object.keys(at).filter((slave) => clock.monotonic() < (at[slave] ?? 0));
    },
  };
  let isOver = false;
  const over = awaitCopies(topics, { admin, clock, onProgress: (piece) => told.push(piece) }, io).then(() => {
    isOver = true;
  });
  return { clock, told, asked, over, isOver: () => isOver };
}

test('continues when the last slave has the topic settings, and reports once what it waits for', async () => {
  const { clock, told, isOver } = start({ 'b:1': 3, 'b:2': 8 });
  await clock.advance(7.9);
  expect(isOver()).toBe(false);
  await clock.advance(1);
  expect(isOver()).toBe(true);
  expect(told).toEqual([{ kind: 'awaits-copies', topics: ['orders'], slaves: ['b:1', 'b:2'] }]);
});

test('nothing is reported or waited for if every slave has the topics', async () => {
  const { told, over, asked } = start({ 'b:1': 0 }, ['orders', 'bills']);
  await over;
  expect(told).toEqual([]);
  expect(asked).toEqual(['orders', 'bills']);
});

test('a slave that never gets the settings is named, and the run continues', async () => {
  const { clock, told, over } = start({ 'b:1': 5, 'b:2': Infinity });
  await clock.advance(31);
  await over;
  expect(told.at(-1)).toEqual({ kind: 'not-copied', topics: ['orders'], slaves: ['b:2'] });
});

test('brokers that replicate the settings at once are not queried', async () => {
  const told: RunProgress[] = [];
  await awaitCopies(['orders'], { admin: {}, onProgress: (piece) => told.push(piece) }, io);
  expect(told).toEqual([]);
});
