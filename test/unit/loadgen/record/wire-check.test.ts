import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { sign } from '../../../../brokers/rocketmq/protocol/acl.ts';
import { encodeFrame } from '../../../../brokers/rocketmq/protocol/frame-codec.ts';
import { encodeProperties, propertyNames } from '../../../../brokers/rocketmq/protocol/message-properties.ts';
import { encodeSendMessageV2 } from '../../../../brokers/rocketmq/protocol/send-message.ts';
import type { TelemetryRecord } from '../../../../core/documents/evidence/telemetry.ts';
import { watchWire } from '../../../../loadgen/record/wire-check.ts';
import { wirePartsOf, type WireParts } from '../../../../loadgen/record/wire-loads.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';
import { wireText } from '../../../../cli/run-result.ts';

const messages = 10_000;
/** 500 bytes with its share of headers and frames for 20 in a request, as computed by `plimsoll bytes`. */
const produceBytes = 551.6;
const fetchBytes = 557;

const parts: WireParts = {
  broker: 'kafka',
  replicationFactor: 1,
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

/** NIC counters without packets: framing is not counted separately. */
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

test('bytes that fit the messages match, and outbound bytes without a group are not compared', () => {
  expect(check([produced], produceBytes, 90)).toEqual({
    kind: 'matches',
    messages,
    toleranceRatio: 0.1,
    directions: [
      {
        direction: 'network-in',
        observedBytesPerMessage: expect.closeTo(produceBytes, 6) as number,
        leastBytesPerMessage: expect.closeTo(produceBytes, 3) as number,
        // 10 kB/s of other traffic in two seconds.
        mostBytesPerMessage: expect.closeTo(produceBytes + 2, 3) as number,
      },
    ],
  });
});

test('each group reads every message once', () => {
  expect(check([produced, consumed(2)], produceBytes, 2 * fetchBytes).kind).toBe('matches');
  expect(check([produced, consumed(2)], produceBytes, fetchBytes).kind).toBe('differs');
});

test('a group that lags has fetched messages that it has not processed, so outbound bytes are not compared', () => {
  const lagging = check([produced, consumed(0.77)], produceBytes, fetchBytes);
  expect(lagging).toMatchObject({ kind: 'matches', directions: [{ direction: 'network-in' }] });
});

test('each replica adds the message bytes once in either direction', () => {
  const copied = { replicationFactor: 3 };
  expect(check([produced], 3 * produceBytes, 2 * produceBytes, copied).kind).toBe('matches');
  expect(check([produced], produceBytes, 0, copied).kind).toBe('differs');
});

test('a difference above 10% is no evidence, and the report states this with possible causes', () => {
  expect(check([produced], 1.09 * produceBytes, 0).kind).toBe('matches');
  const beyond = check([produced], 1.12 * produceBytes, 0);
  expect(beyond.kind).toBe('differs');
  expect(wireText(beyond)).toMatch(
    /^NO EVIDENCE: .*network-in 618, by arithmetic 552 to 554 \(\+12%\); 10% allowed\. Others use the same cards/,
  );
  expect(wireText(check([produced], 0.8 * produceBytes, 0))).toMatch(/\(−20%\).*Replicas or groups lag/);
  expect(wireText(check([produced], 0.01 * produceBytes, 0))).toMatch(
    /passed no monitored network card: .*loadgen\.host/,
  );
});

test('messages during a gap in NIC readings make the result unknown instead of different', () => {
  const second = (at: number) => ({ ...produced, elapsedSeconds: at });
  const account = (readAt: readonly [number, number], seconds = 100) => {
    const watch = watchWire(parts);
    for (let at = 1; at <= seconds; at += 1) watch.add(second(at));
    watch.see(cards(readAt[0], 0, 0));
    watch.see(cards(readAt[1], seconds * messages * produceBytes, 0));
    return watch.check();
  };
  expect(account([0.3, 100.2]).kind).toBe('matches');
  expect(account([2.3, 100.2]).kind).toBe('matches');
  const reason = (share: string) => ({
    kind: 'unknown',
    reason: `the cards of host b were not read while ${share} of the messages passed`,
  });
  expect(account([20.3, 100.2])).toEqual(reason('20%'));
  expect(account([0.3, 70])).toEqual(reason('30%'));
  expect(account([0.3, 2 * 86_400], 2 * 86_400).kind).toBe('matches');
  expect(account([0.3, 86_400], 2 * 86_400)).toEqual(reason('50%'));
});

test("a broker's background traffic does not make a slow run differ", () => {
  const few = { ...produced, acknowledged: 40, bytes: 20_000, requests: 2 } as JournalLine;
  const watch = watchWire(parts);
  watch.see(cards(0, 0, 0));
  watch.add(few);
  watch.see(cards(2, 40 * produceBytes + 15_000, 0));
  expect(watch.check().kind).toBe('matches');
  watch.see(cards(2, 40 * produceBytes + 25_000, 0));
  expect(watch.check().kind).toBe('differs');
});

test('a follower that waits for each batch fetches twice per batch', () => {
  const each = { ...produced, requests: messages } as JournalLine;
  // One message per batch and one or two fetches for it: 1,949 to 3,390 bytes in, 1,383 to 2,824 out.
  expect(check([each], 3400, 2600, { replicationFactor: 3 }).kind).toBe('matches');
  expect(check([each], 4400, 3400, { replicationFactor: 3 }).kind).toBe('differs');
});

test('a RocketMQ master with a slave may replicate in three ways, and only bytes that fit none differ', () => {
  const pair: Partial<WireParts> = {
    broker: 'rocketmq',
    environment: {
      ...parts.environment,
      brokers: ['a:0', 'a:1'].map((id) => ({ id, address: 'b:10911', host: 'b' })),
    },
  };
  const single = { ...produced, requests: messages } as JournalLine;
  // 500 bytes a message, one per request, pulls of 8: 1,627 in and 1,660 out with a slave, 2,678 and 2,712 with DLedger.
  const pulled = { ...consumed(1), batches: messages / 8 } as JournalLine;
  expect(check([single, pulled], 1650, 1680, pair).kind).toBe('matches');
  expect(check([single, pulled], 2690, 2720, pair).kind).toBe('matches');
  expect(check([single, pulled], 870, 920, pair).kind).toBe('differs');
  expect(check([single, pulled], 2300, 2340, pair).kind).toBe('differs');
});

test('sends to a RocketMQ cluster with ACL are signed JSON, and their bytes match', () => {
  const one: Partial<WireParts> = {
    broker: 'rocketmq',
    signed: true,
    environment: { ...parts.environment, brokers: [{ id: 'a:0', address: 'b:10911', host: 'b' }] },
  };
  const body = Buffer.alloc(500);
  const request = encodeSendMessageV2({
    producerGroup: 'g'.repeat(30),
    topic: 't'.repeat(20),
    queueId: 3,
    sysFlag: 0,
    bornAtMs: Date.UTC(2026, 10, 28),
    properties: encodeProperties(new Map([[propertyNames.uniqueKey, '0'.repeat(32)]])),
    body,
  });
  const signed = sign(request, { accessKey: 'plimsoll', secretKey: 'secret' });
  const frame = encodeFrame({ ...signed, body, opaque: 100_000, isResponse: false, isOneWay: false });
  const onWire = frame.length + 90;
  const single = { ...produced, requests: messages } as JournalLine;
  expect(check([single], onWire, 0, one).kind).toBe('matches');
  expect(check([single], 1.12 * onWire, 0, one).kind).toBe('differs');
  expect(check([single], onWire, 0, { ...one, signed: false }).kind).toBe('differs');
});

test('the number of messages per pull determines the expected bytes of pulls', () => {
  const one: Partial<WireParts> = {
    broker: 'rocketmq',
    environment: { ...parts.environment, brokers: [{ id: 'a:0', address: 'b:10911', host: 'b' }] },
  };
  const single = { ...produced, requests: messages } as JournalLine;
  const inPulls = (batches: number) => ({ ...consumed(1), batches }) as JournalLine;
  const { batches: _, ...untold } = inPulls(1) as { batches: number };
  expect(check([single, untold as unknown as JournalLine], 1350, 1200, one).kind).toBe('matches');
  expect(check([single, inPulls(messages)], 1350, 1200, one).kind).toBe('matches');
  expect(check([single, inPulls(messages / 16)], 1350, 1200, one).kind).toBe('differs');
});

test('a result that cannot be computed is unknown, with the reason', () => {
  const shared = { environment: { ...parts.environment, generatorHost: 'b' } };
  expect(check([produced], 0, 0, shared)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('share host b') as string,
  });
  const worker = { environment: { ...parts.environment, workerHosts: ['b'] } };
  expect(check([produced], 0, 0, worker)).toMatchObject({ reason: expect.stringContaining('share host b') as string });
  expect(check([produced], 100, 0, { unknown: 'batches are compressed' }).kind).toBe('unknown');
  expect(check([], 100, 0).kind).toBe('unknown');
  const ofOthers = { kind: 'background', elapsedSeconds: 1, intervalSeconds: 2, messagesPerSecond: 500 } as const;
  expect(check([produced, ofOthers], produceBytes, 0)).toMatchObject({
    reason: 'other clients sent messages at the same time',
  });
  expect(watchWire(parts).check().kind).toBe('unknown');
  const watch = watchWire(parts);
  watch.see(cards(0, 7000, 900));
  watch.add(produced);
  watch.see(cards(1, 10, 10));
  expect(watch.check(), 'counters that began anew').toMatchObject({ kind: 'unknown' });
});

test('a resumed run is compared only from its resume on', () => {
  const watch = watchWire(parts);
  watch.see(cards(0, 0, 0));
  watch.add(produced);
  watch.add({ kind: 'resumed', elapsedSeconds: 60, attempt: 2, startedAt: '2026-11-20T10:00:00.000Z' });
  watch.see(cards(1, 5, 5));
  watch.see(cards(60, 9_000_000, 0));
  watch.add({ ...produced, elapsedSeconds: 61 });
  watch.see(cards(70, 9_000_000 + produceBytes * messages, 0));
  expect(watch.check().kind).toBe('matches');
});

const partsOf = (words: object, broker: WireParts['broker'] = 'kafka') => {
  const workload = completeWorkload(WorkloadFile.parse(words), { messageSize: '500B', rates: [100] });
  const { replicationFactor, environment } = parts;
  return wirePartsOf({ broker, replicationFactor, environment }, workload, { cluster: 'lab' });
};

test.each<[object, string | undefined, WireParts['broker']]>([
  [{}, undefined, 'kafka'],
  [{ compression: 'zstd' }, 'compressed', 'kafka'],
  [{ acks: 'none' }, 'sends are not acknowledged', 'kafka'],
  [{ transactions: {} }, 'transactions add requests and records', 'kafka'],
  [{ transactions: {} }, 'transactions add requests and records', 'rocketmq'],
])('it is known in advance whether the bytes of a workload with %j can be checked', (words, reason, broker) => {
  const { unknown } = partsOf(words, broker);
  if (reason === undefined) expect(unknown).toBeUndefined();
  else expect(unknown).toContain(reason);
});

test('keys count with the size that the workload sets', () => {
  const keys = { kind: 'uniform', distinct: 1000, size: 128 };
  const withKeys = partsOf({ keys });
  expect(check([produced], produceBytes + 131, 0, withKeys).kind).toBe('matches');
  expect(check([produced], produceBytes, 0, withKeys).kind).toBe('differs');
  expect(check([produced], produceBytes, 0, partsOf({ keys: 'none' })).kind).toBe('matches');
  const bands = [
    { keys: 0, weight: 3 },
    { keys: 10, weight: 1 },
  ];
  const some = { kind: 'bands', size: 128, bands };
  expect([withKeys.keyBytes, partsOf({ keys: some }).keyBytes]).toEqual([128, 32]);
  expect(partsOf({ keys: { kind: 'uniform', distinct: 9 } }).keyBytes).toBe(16);
});

test('topics with keys of different sizes make the bytes per message unknown', () => {
  const keys = { kind: 'uniform', distinct: 1000, size: 128 };
  const differ = partsOf({ mix: [{ share: 1, keys }, { share: 1 }] });
  expect(check([produced], produceBytes, 0, differ)).toMatchObject({
    kind: 'unknown',
    reason: 'topics have keys of different sizes',
  });
  const alike = partsOf({ keys, mix: [{ share: 2 }, { share: 1, keys: { kind: 'zipf', distinct: 9, size: 128 } }] });
  expect([alike.unknown, alike.keyBytes]).toEqual([undefined, 128]);
});

test('a delay until a time costs more bytes than one of a level', () => {
  const kinds = [{}, { delay: { level: 3 } }, { delay: { after: '3s' } }].map(
    (words) => partsOf(words, 'rocketmq').kind,
  );
  expect(kinds).toEqual(['plain', 'delayed', 'timer']);
});
