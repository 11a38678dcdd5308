import { expect, test } from 'vitest';
import { createInTurn } from '../../../../brokers/rocketmq/in-turn.ts';

test('work under one name starts after the previous work has settled, and under another name at once', async () => {
  const inTurn = createInTurn();
  const first = Promise.withResolvers<void>();
  const begun: string[] = [];
  const work = (name: string, until?: Promise<void>) => async () => {
    begun.push(name);
    await until;
    return name;
  };
  const outcomes = [inTurn('a', work('a1', first.promise)), inTurn('a', work('a2')), inTurn('b', work('b1'))];
  expect(begun).toEqual(['a1', 'b1']);
  first.reject(new Error('refused'));
  await expect(outcomes[0]).rejects.toThrow('refused');
  expect(await Promise.all(outcomes.slice(1))).toEqual(['a2', 'b1']);
  expect(begun).toEqual(['a1', 'b1', 'a2']);
});
