import { expect, test } from 'vitest';
import { createReadRotation } from '../../../../../brokers/rocketmq/inspect/read-rotation.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';

const rotaOf = (everySeconds: number) => {
  const clock = createHandClock();
  return { clock, rota: createReadRotation<number>({ clock, everySeconds }) };
};

test('names never read come first, then those read longest ago', () => {
  const { clock, rota } = rotaOf(60);
  for (const name of rota.due(['a', 'b', 'c'], 2)) rota.put(name, 1);
  clock.advance(10);
  expect(rota.due(['a', 'b', 'c'], 2)).toEqual(['c']);
  rota.put('c', 1);
  clock.advance(55);
  expect(rota.due(['a', 'b', 'c'], 5)).toEqual(['a', 'b']);
});

test('a name that is gone is forgotten', () => {
  const { rota } = rotaOf(60);
  rota.put('a', 1);
  rota.put('b', 2);
  rota.due(['b'], 1);
  expect(rota.values()).toEqual(new Map([['b', 2]]));
});

const pace = { least: 10, atOnce: 4, withinSeconds: 1 };

test('each of many names is read once per period', async () => {
  const { clock, rota } = rotaOf(60);
  const names = Array.from({ length: 1000 }, (_, index) => `topic-${index}`);
  const readIn = async (afterSeconds: number) => {
    clock.advance(afterSeconds);
    let reads = 0;
    await rota.refresh(names, pace, async () => (reads += 1));
    return reads;
  };
  expect(await readIn(0)).toBe(10);
  expect([await readIn(15), await readIn(15), await readIn(15), await readIn(15)]).toEqual([250, 250, 250, 250]);
  expect(rota.values().size).toBe(1000);
});

test('names that the call had no time for come first at the next call', async () => {
  const { clock, rota } = rotaOf(60);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const slow = async () => {
    clock.advance(0.3);
    return 1;
  };
  await rota.refresh(names, { ...pace, atOnce: 1 }, slow);
  expect([...rota.values().keys()]).toEqual(['a', 'b', 'c', 'd']);
  await rota.refresh(names, { ...pace, atOnce: 1 }, slow);
  expect([...rota.values().keys()]).toEqual(names);
});

test('a value is unknown after three periods, while the last value is still available', () => {
  const { clock, rota } = rotaOf(60);
  rota.put('a', 1);
  clock.advance(180);
  rota.put('b', 2);
  expect([...rota.values().keys()]).toEqual(['a', 'b']);
  clock.advance(1);
  expect(rota.values()).toEqual(new Map([['b', 2]]));
  expect(rota.lastValues().get('a')).toBe(1);
});
