import { expect, test } from 'vitest';
import { requestedTopics } from '../../../../../app/change/reassign/topics.ts';

const chosenBy = async (topics: string, name: string) => {
  const partitions = [{ topic: name, partition: 0, replicas: [1] }];
  const caller = { options: { topics, config: undefined }, signal: new AbortController().signal };
  const isChosen = await requestedTopics(caller as never, { version: 1, partitions });
  return isChosen?.(name);
};

test('a pattern matches whole names', async () => {
  expect(await chosenBy('orders|pay.*', 'payments')).toBe(true);
  expect(await chosenBy('orders|pay', 'payments')).toBe(false);
});

test('a pattern that would backtrack for very long is rejected', async () => {
  await expect(chosenBy('(a+)+', `${'a'.repeat(33)}-`)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/^--topics \(a\+\)\+: .* nested repetition$/),
  });
});
