import { expect, test } from 'vitest';
import { setUps } from '../../../bench/real-truth/set-ups.ts';
import { rowOf } from '../../../bench/real-truth/truth-rows.ts';

const outcome = {
  carriedTps: 3246,
  fromTwoThirds: { highestShare: 0.57 },
  fromHalf: { highestShare: 0.44 },
} as Parameters<typeof rowOf>[2];
const isFull = { fullest: { direction: 'network-out', host: 'broker-3', share: 1 } } as Parameters<
  typeof rowOf
>[3]['isFull'];

test.each(['when driven', 'again'] as const)('a row judged %s has that label in its last cell', (judged) => {
  const cells = rowOf('founding', setUps.founding, outcome, { isFull, judged });
  expect([cells.length, cells.at(-1)]).toEqual([16, judged]);
});
