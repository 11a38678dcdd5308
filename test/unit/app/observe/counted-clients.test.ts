import { expect, test } from 'vitest';
import { countedUse } from '../../../../app/observe/counted-clients.ts';

const clients = [
  { broker: '1', clientId: 'alone', producedBytesPerSecond: 100, threadSeconds: 0.2 },
  { broker: '2', clientId: 'alone', producedBytesPerSecond: 50, threadSeconds: 0.1, isThrottled: true as const },
  { broker: '1', clientId: 'packed', fetchedBytesPerSecond: 900, threadSeconds: 0.1 },
];

test('sums a client over all brokers, and its share is that of the thread time of all clients', () => {
  expect(countedUse(clients)).toEqual([
    {
      clientId: 'alone',
      producedBytesPerSecond: 150,
      threadSeconds: expect.closeTo(0.3, 9),
      shareOfThreads: expect.closeTo(0.75, 9),
      isThrottled: true,
    },
    { clientId: 'packed', fetchedBytesPerSecond: 900, threadSeconds: 0.1, shareOfThreads: expect.closeTo(0.25, 9) },
  ]);
});

test('thread time counts as a share of the safe maximum only if CPU is the limit', () => {
  const shares = (resource: 'cpu' | 'network-in') =>
    countedUse(clients, { limit: { resource, node: '1' }, loadOfSafeMax: 0.4 }).map(
      ({ shareOfSafeMax }) => shareOfSafeMax,
    );
  expect(shares('cpu')).toEqual([expect.closeTo(0.3, 9), expect.closeTo(0.1, 9)]);
  expect(shares('network-in')).toEqual([undefined, undefined]);
});

test('without thread time, sorts clients by bytes', () => {
  const counted = countedUse([
    { broker: '1', clientId: 'small', producedBytesPerSecond: 1 },
    { broker: '1', user: 'large', producedBytesPerSecond: 5 },
  ]);
  expect(counted).toEqual([
    { user: 'large', producedBytesPerSecond: 5 },
    { clientId: 'small', producedBytesPerSecond: 1 },
  ]);
});
