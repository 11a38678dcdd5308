import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSendTarget, inParts, seriesOf, type Outgoing } from '../../brokers/rocketmq/outgoing.ts';
import { encodeFrame, FrameReader } from '../../brokers/rocketmq/protocol/frame-codec.ts';
import type { Frame } from '../../brokers/rocketmq/protocol/frame.ts';
import { encodeProperties } from '../../brokers/rocketmq/protocol/message-properties.ts';
import type { Outbox } from '../../brokers/rocketmq/protocol/outbox.ts';
import { successOf } from '../../brokers/rocketmq/protocol/plain-success.ts';
import type { RequestSeries } from '../../brokers/rocketmq/protocol/request-series.ts';
import { encodeBinaryFrame } from '../support/binary-header.ts';

const word = fc.string({ unit: fc.constantFrom(...'aü€"\\:,0opaque\u0003'.split('')) });
const answer = fc.record({
  code: fc.constantFrom(0, 0, 10, 215, -1),
  opaque: fc.nat(2 ** 31 - 1),
  isResponse: fc.constant(true),
  isOneWay: fc.constant(false),
  fields: fc.dictionary(
    fc.oneof(word, fc.constantFrom('opaque', 'code')),
    fc.oneof(word, fc.constantFrom('"opaque":7,', '{"code":0,"opaque":7}')).filter((text) => text !== ''),
    { noNullPrototype: true },
  ),
  body: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
});

test('the fast check of a response finds a success exactly when the decoded header has one, with its opaque', () => {
  fc.assert(
    fc.property(answer, fc.boolean(), (frame, isBinary) => {
      const bytes = isBinary ? encodeBinaryFrame(frame) : encodeFrame(frame);
      expect(successOf(bytes, 4, bytes.length)).toBe(frame.code === 0 ? frame.opaque : undefined);
    }),
  );
});

const outgoing: fc.Arbitrary<Outgoing> = fc
  .record({
    topic: word,
    queueId: fc.nat(100),
    bodies: fc.array(fc.tuple(fc.uint8Array({ maxLength: 30 }), fc.option(word, { nil: undefined })), { minLength: 1 }),
    tag: word,
    waits: fc.boolean(),
  })
  .map(({ topic, queueId, bodies, tag, waits }) => ({
    target: createSendTarget({ producerGroup: 'plimsoll', topic, queueId, sysFlag: 0 }, false),
    values: bodies.map(([body]) => Buffer.from(body)),
    keys: bodies.map(([, key]) => (key === undefined ? undefined : Buffer.from(key))),
    pairs: Buffer.from(encodeProperties(new Map([['TAGS', tag]]))),
    requestPairs: Buffer.from(waits ? encodeProperties(new Map([['WAIT', 'false']])) : ''),
    writeUniqueKey: (into, at) => void into.fill('A', at, at + 32),
    bornAtMs: 1_780_000_000_000,
  }));

/** Returns the frames that a broker reads. */
function framesOf(series: RequestSeries): Frame[] {
  const written: Buffer[] = [];
  const outbox = {
    bytes: Buffer.alloc(0),
    reserve(size: number) {
      written.push((this.bytes = Buffer.alloc(size)));
      return 0;
    },
  };
  for (let index = 0; index < series.count; index++) series.put(outbox as unknown as Outbox, index, 100 + index);
  return new FrameReader().push(Buffer.concat(written));
}

test('a send written in place equals the request that is encoded otherwise', () => {
  const answers = { isGood: () => false, meaningOf: () => undefined };
  fc.assert(
    fc.property(outgoing, (out) => {
      const singles = seriesOf(out, { from: 0, to: out.values.length, size: 1 }, answers);
      for (const series of [singles, ...inParts(out, answers)]) {
        const frames = framesOf(series);
        expect(frames.map(({ opaque }) => opaque)).toEqual(frames.map((_, index) => 100 + index));
        for (const [index, { code, fields, body }] of frames.entries()) {
          const request = series.requestOf(index);
          // Binary headers omit empty texts.
          const said = Object.entries(request.fields).filter(([, value]) => value !== '');
          const expected = { code: request.code, fields: Object.fromEntries(said), body: request.body };
          expect({ code, fields, body }).toEqual(expected);
        }
      }
    }),
  );
});
