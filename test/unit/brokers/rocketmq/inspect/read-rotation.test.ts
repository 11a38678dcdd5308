import { expect, test } from 'vitest';
import { createReadRotation } from '../../../../../brokers/rocketmq/inspect/read-rotation.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';

const rotaOf = (everySeconds: number) => {
  const clock = createHandClock();
  return { clock, rota: createReadRotation<number>({ clock, everySeconds }) };
};

test('those never read come first, then those longest not read', () => {
  const { clock, rota } = rotaOf(60);
  for (const name of rota.due(['a', 'b', 'c'], 2)) rota.put(name, 1);
  clock.advance(10);
  expect(rota.due(['a', 'b', 'c'], 2)).toEqual(['c']);
  rota.put('c', 1);
  clock.advance(55);
  expect(rota.due(['a', 'b', 'c'], 5)).toEqual(['a', 'b']);
});

test('who is gone is forgotten', () => {
  const { rota } = rotaOf(60);
  rota.put('a', 1);
  rota.put('b', 2);
  rota.due(['b'], 1);
  expect(rota.values()).toEqual(new Map([['b', 2]]));
});
