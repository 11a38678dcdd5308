import { expect, test } from 'vitest';
import type { JournalLine } from '../../../core/run-bundle.ts';
import type { TelemetryRecord } from '../../../core/telemetry.ts';
import { watchWire, type WireParts } from '../../../loadgen/wire-check.ts';
import { wireText } from '../../../loadgen/wire-text.ts';

const messages = 10_000;
/** 512 bytes a message in frames of 1,538 for 1,448, and 500 for each request of 20 messages. */
const wirePerMessage = (512 * 1538) / 1448 + 500 / 20;

const parts: WireParts = {
  broker: 'kafka',
  replicationFactor: 1,
  isCompressed: false,
  environment: {
    brokers: [{ id: '1', address: 'b:9092', host: 'b' }],
    hosts: [{ host: 'b', networkDevices: [{ device: 'eth0' }] }],
    generatorHost: 'g',
  },
};

const produced = {
  kind: 'produced',
  elapsedSeconds: 1,
  intervalSeconds: 1,
  worker: 'producer-0',
  acknowledged: messages,
  bytes: 500 * messages,
  requests: messages / 20,
} as JournalLine;
const consumed = (times: number) =>
  ({
    kind: 'consumed',
    elapsedSeconds: 1,
    intervalSeconds: 1,
    worker: 'consumer-0',
    group: 'g',
    messages: times * messages,
    bytes: times * 500 * messages,
  }) as JournalLine;

/** No packets: all bytes are counted as such, so that framing is none of the test's business. */
const cards = (elapsedSeconds: number, received: number, sent: number): TelemetryRecord => ({
  kind: 'host',
  host: 'b',
  elapsedSeconds,
  scrapeSeconds: 0,
  reading: {
    networkDevices: [
      { device: 'eth0', receiveBytes: received, receivePackets: 0, transmitBytes: sent, transmitPackets: 0 },
    ],
  } as never,
});

function check(lines: JournalLine[], inPerMessage: number, outPerMessage: number, over: Partial<WireParts> = {}) {
  const watch = watchWire({ ...parts, ...over });
  watch.see(cards(0, 7000, 900));
  for (const line of lines) watch.add(line);
  watch.see(cards(2, 7000 + inPerMessage * messages, 900 + outPerMessage * messages));
  return watch.check();
}

test('bytes that fit the messages match, and answers without a group are held against nothing', () => {
  expect(check([produced], wirePerMessage, 40)).toEqual({
    kind: 'matches',
    toleranceRatio: 0.1,
    directions: [
      {
        direction: 'network-in',
        observedBytesPerMessage: expect.closeTo(wirePerMessage, 6) as number,
        predictedBytesPerMessage: expect.closeTo(wirePerMessage, 6) as number,
      },
    ],
  });
});

test('each group takes every message out once', () => {
  expect(check([produced, consumed(2)], wirePerMessage, 2 * wirePerMessage).kind).toBe('matches');
  expect(check([produced, consumed(2)], wirePerMessage, wirePerMessage).kind).toBe('differs');
});

test('each copy crosses the cards once more in either direction', () => {
  const copied = { replicationFactor: 3 };
  expect(check([produced], 3 * wirePerMessage, 2 * wirePerMessage, copied).kind).toBe('matches');
  expect(check([produced], wirePerMessage, 0, copied).kind).toBe('differs');
});

test('beyond a tenth it is no evidence, and people are told so', () => {
  expect(check([produced], 1.09 * wirePerMessage, 0).kind).toBe('matches');
  const beyond = check([produced], 1.11 * wirePerMessage, 0);
  expect(beyond.kind).toBe('differs');
  expect(wireText(beyond)).toMatch(/^NO EVIDENCE: .*network-in 631, by arithmetic 569 \(\+11\.0 %\); 10 % allowed/);
});

test('what cannot be known is said to be unknown, and why', () => {
  const shared = { environment: { ...parts.environment, generatorHost: 'b' } };
  expect(check([produced], 0, 0, shared)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('share host b') as string,
  });
  expect(check([produced], 100, 0, { isCompressed: true }).kind).toBe('unknown');
  expect(check([], 100, 0).kind).toBe('unknown');
  expect(watchWire(parts).check().kind).toBe('unknown');
  const watch = watchWire(parts);
  watch.see(cards(0, 7000, 900));
  watch.add(produced);
  watch.see(cards(1, 10, 10));
  expect(watch.check(), 'counters that began anew').toMatchObject({ kind: 'unknown' });
});

test('a run that goes on is held only to what came since', () => {
  const watch = watchWire(parts);
  watch.see(cards(0, 0, 0));
  watch.add(produced);
  watch.add({ kind: 'resumed', elapsedSeconds: 60, attempt: 2 });
  watch.see(cards(1, 5, 5));
  watch.see(cards(60, 9_000_000, 0));
  watch.add(produced);
  watch.see(cards(70, 9_000_000 + wirePerMessage * messages, 0));
  expect(watch.check().kind).toBe('matches');
});
