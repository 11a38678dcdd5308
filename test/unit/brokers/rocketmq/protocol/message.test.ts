import { readFileSync } from 'node:fs';
import { deflateSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { encodeBatch } from '../../../../../brokers/rocketmq/protocol/message-batch.ts';
import { decodeProperties } from '../../../../../brokers/rocketmq/protocol/message-properties.ts';
import { readPulledBodies, readStoredMessages, unpackBody } from '../../../../../brokers/rocketmq/protocol/message.ts';

interface Captured {
  nextBeginOffset: string;
  bodyHex: string;
}
const captured = (version: string) => {
  const path = new URL(`../../../../fixtures/wire/rocketmq/pull-${version}.json`, import.meta.url);
  const { nextBeginOffset, bodyHex } = JSON.parse(readFileSync(path, 'utf8')) as Captured;
  return { next: BigInt(nextBeginOffset), body: Buffer.from(bodyHex, 'hex') };
};

test.each(['4.9.7', '5.5.0'])('parses messages stored by a %s broker', (version) => {
  const [first] = readStoredMessages(captured(version).body);
  expect(first).toMatchObject({
    topic: 'captured',
    queueId: 0,
    queueOffset: 0n,
    physicalOffset: 0n,
    flag: 7,
    transaction: 'none',
    bornAtMs: 1_763_636_000_000,
    bornHost: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    storeHost: expect.stringMatching(/^127\.0\.0\.1:2\d{4}$/),
    reconsumeTimes: 0,
  });
  expect(first?.body.toString()).toBe('single');
  expect(Object.fromEntries(decodeProperties(first?.properties ?? Buffer.alloc(0)))).toMatchObject({
    UNIQ_KEY: '0A00000100002A139AA7190000010001',
    KEYS: 'order-1',
    TAGS: 'paid',
    CLUSTER: 'lab',
  });
});

test.each(['4.9.7', '5.5.0'])('returns the decompressed bodies of a pull from a %s broker', (version) => {
  const { body, next } = captured(version);
  const pulled = readPulledBodies(body, 0n);
  expect(pulled.values.slice(0, 4).map(String)).toEqual(['single', 'first of batch', '', 'packed by zlib '.repeat(20)]);
  expect(pulled.next).toBe(next);
});

test('leaves out messages before the requested offset', () => {
  expect(readPulledBodies(captured('4.9.7').body, 1n).values[0]?.toString()).toBe('first of batch');
});

test('leaves a truncated last message for the next pull', () => {
  const { body } = captured('4.9.7');
  const whole = [...readStoredMessages(body)];
  const last = whole.at(-1)?.storedBytes ?? 0;
  for (const missing of [1, last - 8, last - 4, last]) {
    const cut = body.subarray(0, body.length - missing);
    expect([...readStoredMessages(cut)]).toHaveLength(whole.length - 1);
    expect(readPulledBodies(cut, 0n).next).toBe(BigInt(whole.length - 1));
  }
});

test('parses the long topic of format 2 and IPv6 hosts, and stops at a blank', () => {
  const message = stored({
    magic: 0xdaa320ab,
    sysFlag: 0x10 | 0x20 | 0x8,
    topic: 't'.repeat(300),
    body: Buffer.from('x'),
  });
  const blank = Buffer.from('00000100cbd43194', 'hex');
  const messages = [...readStoredMessages(Buffer.concat([message, blank, message]))];
  expect(messages).toMatchObject([
    {
      topic: 't'.repeat(300),
      bornHost: '[fe80:0:0:0:0:0:0:1]:4000',
      storeHost: '[fe80:0:0:0:0:0:0:1]:4000',
      transaction: 'committed',
    },
  ]);
});

test('decompresses zlib and zstd, and names other codecs', () => {
  const body = Buffer.from('value');
  expect(unpackBody({ sysFlag: 0x001, body: deflateSync(body) })).toEqual({ kind: 'plain', bytes: body });
  expect(unpackBody({ sysFlag: 0x301, body: deflateSync(body) })).toEqual({ kind: 'plain', bytes: body });
  expect(unpackBody({ sysFlag: 0x201, body: zstdCompressSync(body) })).toEqual({ kind: 'plain', bytes: body });
  expect(unpackBody({ sysFlag: 0x101, body })).toEqual({ kind: 'packed', bytes: body, reason: 'lz4' });
  expect(unpackBody({ sysFlag: 0x001, body })).toMatchObject({
    kind: 'packed',
    reason: expect.stringContaining('damaged'),
  });
});

test('does not decompress a body beyond the size that a broker accepts', () => {
  const bomb = deflateSync(Buffer.alloc(65 * 1024 * 1024));
  expect(unpackBody({ sysFlag: 1, body: bomb }).kind).toBe('packed');
});

test('refuses to deliver a message that it cannot decompress', () => {
  const message = stored({ magic: 0xdaa320a7, sysFlag: 0x101, topic: 't', body: Buffer.from('x') });
  expect(() => readPulledBodies(message, 0n)).toThrow(
    expect.objectContaining({ code: 'unsupported-broker', message: expect.stringContaining('lz4') }),
  );
});

test('opens a message that is a batch, and continues counting after it', () => {
  const items = ['a', 'b', 'c'].map((word) => ({ body: Buffer.from(word), properties: '' }));
  const message = stored({ magic: 0xdaa320a7, sysFlag: 0xc0, topic: 't', body: encodeBatch(items), queueOffset: 10n });
  const { values, next } = readPulledBodies(message, 11n);
  expect(values.map(String)).toEqual(['b', 'c']);
  expect(next).toBe(13n);
});

test.each([
  ['no message', 'ff'.repeat(100)],
  ['a message too short', `0000001edaa320a7${'00'.repeat(100)}`],
  [
    'a body longer than its message',
    stored({ magic: 0xdaa320a7, sysFlag: 0, topic: 't', body: Buffer.alloc(1), bodyBytes: 2 ** 31 - 1 }).toString(
      'hex',
    ),
  ],
])('refuses %s with an error', (_what, hex) => {
  expect(() => [...readStoredMessages(Buffer.from(hex, 'hex'))]).toThrow(
    expect.objectContaining({ code: 'answer-unreadable' }),
  );
});

interface Parts {
  magic: number;
  sysFlag: number;
  topic: string;
  body: Buffer;
  queueOffset?: bigint;
  /** The declared body length; the true length by default. */
  bodyBytes?: number;
}

/** Encodes a message as a broker does; https://github.com/apache/rocketmq, MessageDecoder.java. */
function stored({ magic, sysFlag, topic, body, queueOffset = 0n, bodyBytes = body.length }: Parts): Buffer {
  const int = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value >>> 0);
    return bytes;
  };
  const long = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return bytes;
  };
  const host = (v6: number) =>
    Buffer.concat([
      Buffer.from((sysFlag & v6) === 0 ? '0a000001' : 'fe800000000000000000000000000001', 'hex'),
      int(4000),
    ]);
  const topicLength =
    magic === 0xdaa320ab ? Buffer.from([topic.length >> 8, topic.length & 0xff]) : Buffer.from([topic.length]);
  const head = [int(magic), int(0), int(0), int(0), long(queueOffset), long(0n), int(sysFlag), long(1n)];
  const hosts = [host(0x10), long(2n), host(0x20), int(0), long(0n)];
  const tail = [int(bodyBytes), body, topicLength, Buffer.from(topic), Buffer.alloc(2)];
  const rest = Buffer.concat([...head, ...hosts, ...tail]);
  return Buffer.concat([int(rest.length + 4), rest]);
}
