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

test('rates are growth per second, and waits are growth per request', () => {
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

test('a restarted broker has no rates until the next reading, even if its counters are higher', () => {
  const before = reading({ messagesIn: 100 }, 1000);
  expect(figuresBetween(before, reading({ messagesIn: 500 }, 2000), 60)).toEqual({ connections: 3 });
  expect(figuresBetween(before, reading({ messagesIn: 500 }, 1000.001), 40)).toMatchObject({ messagesInPerSecond: 10 });
});

test('if the start time is unknown, one counter that fell indicates a restart', () => {
  const before = reading({ messagesIn: 100, bytesIn: 10 });
  expect(figuresBetween(before, reading({ messagesIn: 5, bytesIn: 20 }), 1)).toEqual({ connections: 3 });
});

test('a product of count and mean may fall slightly, and then only this value is unknown', () => {
  const before = reading({ messagesIn: 100, produceRequests: 5, produceQueueSeconds: 1 });
  expect(
    figuresBetween(before, reading({ messagesIn: 110, produceRequests: 6, produceQueueSeconds: 0.999 }), 1),
  ).toEqual({ connections: 3, messagesInPerSecond: 10, produceRequestsPerSecond: 1 });
});

test('an interval without requests has no mean wait, and one without pauses has a longest pause of 0', () => {
  const still = reading({ produceRequests: 5, produceQueueSeconds: 1, pauses: 2, pauseSeconds: 0.1 });
  expect(figuresBetween(still, still, 1)).toEqual({
    connections: 3,
    produceRequestsPerSecond: 0,
    gcPauseShare: 0,
    longestPauseSeconds: 0,
  });
});

test('several pauses are reported by their mean, and their share is at most the whole interval', () => {
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
