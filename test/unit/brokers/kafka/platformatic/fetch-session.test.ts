import { expect, test } from 'vitest';
import { createFetchSession } from '../../../../../brokers/kafka/platformatic/fetch-loop.ts';

const at = (...offsets: bigint[]) => offsets.map((offset, partition) => ({ partition, offset }));
const answer = (over: { errorCode?: number; sessionId?: number }) => ({
  errorCode: 0,
  sessionId: 7,
  partitions: [],
  ...over,
});

test('sends all positions in the first request, and then only those that changed', () => {
  const session = createFetchSession();
  expect(session.request(at(0n, 0n))).toEqual({ sessionId: 0, epoch: 0, positions: at(0n, 0n) });
  session.accept(answer({}));
  expect(session.request(at(0n, 5n))).toEqual({
    sessionId: 7,
    epoch: 1,
    positions: [{ partition: 1, offset: 5n }],
  });
  session.accept(answer({}));
  expect(session.request(at(0n, 5n))).toEqual({ sessionId: 7, epoch: 2, positions: [] });
});

test('starts a new session if the broker has forgotten the old one', () => {
  const session = createFetchSession();
  session.request(at(0n));
  session.accept(answer({}));
  session.request(at(4n));
  expect(session.accept(answer({ errorCode: 70, sessionId: 0 }))).toBe(false);
  expect(session.request(at(4n))).toEqual({ sessionId: 0, epoch: 0, positions: at(4n) });
});

test('sends all positions in every request to a broker without sessions', () => {
  const session = createFetchSession();
  session.request(at(1n));
  expect(session.accept(answer({ sessionId: 0 }))).toBe(true);
  expect(session.request(at(1n))).toEqual({ sessionId: 0, epoch: 0, positions: at(1n) });
});

test('removes unwanted partitions from the session and adds them again later', () => {
  const session = createFetchSession();
  session.request(at(0n, 0n));
  session.accept(answer({}));
  expect(session.request(at(0n))).toEqual({ sessionId: 7, epoch: 1, positions: [], forgotten: [1] });
  session.accept(answer({}));
  expect(session.request(at(0n, 0n))).toEqual({ sessionId: 7, epoch: 2, positions: [{ partition: 1, offset: 0n }] });
});
