import { expect, test } from 'vitest';
import { createFetchSession } from '../../../../../brokers/kafka/platformatic/fetch-session.ts';

const at = (...offsets: bigint[]) => offsets.map((offset, partition) => ({ partition, offset }));
const answer = (over: { errorCode?: number; sessionId?: number }) => ({
  errorCode: 0,
  sessionId: 7,
  partitions: [],
  ...over,
});

test('says every position first, and then only those that moved', () => {
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

test('begins again when the broker has forgotten the session', () => {
  const session = createFetchSession();
  session.request(at(0n));
  session.accept(answer({}));
  session.request(at(4n));
  expect(session.accept(answer({ errorCode: 70, sessionId: 0 }))).toBe(false);
  expect(session.request(at(4n))).toEqual({ sessionId: 0, epoch: 0, positions: at(4n) });
});

test('says everything each time to a broker that keeps no session', () => {
  const session = createFetchSession();
  session.request(at(1n));
  expect(session.accept(answer({ sessionId: 0 }))).toBe(true);
  expect(session.request(at(1n))).toEqual({ sessionId: 0, epoch: 0, positions: at(1n) });
});

test('reports which partitions are not wanted for now, and asks for them again later', () => {
  const session = createFetchSession();
  session.request(at(0n, 0n));
  session.accept(answer({}));
  expect(session.request(at(0n))).toEqual({ sessionId: 7, epoch: 1, positions: [], forgotten: [1] });
  session.accept(answer({}));
  expect(session.request(at(0n, 0n))).toEqual({ sessionId: 7, epoch: 2, positions: [{ partition: 1, offset: 0n }] });
});
