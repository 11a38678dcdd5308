import { expect, test } from 'vitest';
import { figuresBetween } from '../../../../brokers/figures/figures-between.ts';
import type { BrokerReading } from '../../../../brokers/figures/broker-reading.ts';

const reading = (counters: BrokerReading['counters'], startedAtSeconds?: number): BrokerReading => ({
  broker: '1',
  source: 'jolokia',
  ...(startedAtSeconds !== undefined && { startedAtSeconds }),
  counters,
  figures: { connections: 3 },
});

test('rates are the growth over the interval, waits the growth over the requests', () => {
  const before = reading({ messagesIn: 100, produceRequests: 10, produceQueueSeconds: 1, handlerIdleSeconds: 5 });
  const after = reading({ messagesIn: 300, produceRequests: 30, produceQueueSeconds: 1.4, handlerIdleSeconds: 6.5 });
  expect(figuresBetween(before, after, 2)).toEqual({
    connections: 3,
    messagesInPerSecond: 100,
    produceRequestsPerSecond: 10,
    requestQueueSeconds: expect.closeTo(0.02, 9) as number,
    requestHandlersBusy: 0.25,
  });
});

test('a broker that restarted has no rates until the next reading, even when it has counted more since', () => {
  const before = reading({ messagesIn: 100 }, 1000);
  expect(figuresBetween(before, reading({ messagesIn: 500 }, 2000), 60)).toEqual({ connections: 3 });
  expect(figuresBetween(before, reading({ messagesIn: 500 }, 1000.001), 40)).toMatchObject({ messagesInPerSecond: 10 });
});

test('where the start is unknown one counter that fell is a restart', () => {
  const before = reading({ messagesIn: 100, bytesIn: 10 });
  expect(figuresBetween(before, reading({ messagesIn: 5, bytesIn: 20 }), 1)).toEqual({ connections: 3 });
});

test('a product of count and mean may fall a little: it alone is unknown', () => {
  const before = reading({ messagesIn: 100, produceRequests: 5, produceQueueSeconds: 1 });
  expect(
    figuresBetween(before, reading({ messagesIn: 110, produceRequests: 6, produceQueueSeconds: 0.999 }), 1),
  ).toEqual({ connections: 3, messagesInPerSecond: 10, produceRequestsPerSecond: 1 });
});

test('a second without requests has no mean wait, and one without pauses has none', () => {
  const still = reading({ produceRequests: 5, produceQueueSeconds: 1, pauses: 2, pauseSeconds: 0.1 });
  expect(figuresBetween(still, still, 1)).toEqual({
    connections: 3,
    produceRequestsPerSecond: 0,
    gcPauseShare: 0,
    longestPauseSeconds: 0,
  });
});

test('several pauses are known by their mean, and none is longer than all of the interval', () => {
  const before = reading({ pauses: 2, pauseSeconds: 1 });
  expect(figuresBetween(before, reading({ pauses: 4, pauseSeconds: 1.5 }), 1)).toMatchObject({
    gcPauseShare: 0.5,
    longestPauseSeconds: 0.25,
  });
  expect(figuresBetween(before, reading({ pauses: 3, pauseSeconds: 2.1 }), 1)).toMatchObject({
    gcPauseShare: 1,
    longestPauseSeconds: expect.closeTo(1.1, 9) as number,
  });
});
