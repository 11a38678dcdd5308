import { expect, test } from 'vitest';
import { encodeFrame } from '../../../../../brokers/rocketmq/protocol/frame-codec.ts';
import type { Frame } from '../../../../../brokers/rocketmq/protocol/frame.ts';
import { successOf } from '../../../../../brokers/rocketmq/protocol/plain-success.ts';
import { encodeBinaryFrame } from '../../../../support/binary-header.ts';
import { answerTo } from '../../../../support/remoting-peer.ts';

const request: Frame = {
  code: 310,
  opaque: 70_123,
  isResponse: false,
  isOneWay: false,
  fields: {},
  body: Buffer.alloc(0),
};
const answer = (over: Partial<Frame> = {}) => answerTo(request, over);
const read = (bytes: Buffer) => successOf(bytes, 4, bytes.length);

/** Encodes a frame as 4.9.7 and 5.3.3 do: keys in the order of their names. */
function fromJava(header: string, body = Buffer.alloc(0)): Buffer {
  const lengths = Buffer.alloc(8);
  lengths.writeInt32BE(4 + header.length + body.length, 0);
  lengths.writeInt32BE(header.length, 4);
  return Buffer.concat([lengths, Buffer.from(header), body]);
}

const ofSend = (extFields: string, remark = '') =>
  `{"code":0,"extFields":${extFields},"flag":1,"language":"JAVA","opaque":70123${remark},"serializeTypeCurrentRPC":"JSON","version":479}`;

test.each([
  ['binary', encodeBinaryFrame(answer({ fields: { msgId: '7F00', queueOffset: '3' } }))],
  ['JSON', encodeFrame(answer({ fields: { msgId: '7F00', queueOffset: '3' } }))],
  ['JSON of Java', fromJava(ofSend('{"queueId":"0","msgId":"7F00","queueOffset":"3"}'))],
  ['with a body that says something else', fromJava(ofSend('{}'), Buffer.from('"opaque":5}'))],
])('finds the number of the successful request in a header: %s', (_, bytes) => expect(read(bytes)).toBe(70_123));

test('is not misled by text in the header', () => {
  const fields = JSON.stringify({ opaque: '1', note: '"opaque":2,' });
  expect(read(fromJava(ofSend(fields, `,"remark":${JSON.stringify('"opaque":3,')}`)))).toBe(70_123);
});

test.each([
  ['a refusal', encodeFrame(answer({ code: 13 }))],
  ['a binary refusal', encodeBinaryFrame(answer({ code: 13 }))],
  ['a code that begins with 0 only by its first byte', encodeBinaryFrame(answer({ code: 215 }))],
  ['keys in another order', fromJava('{"opaque":70123,"code":0}')],
  ['a header without a number', fromJava('{"code":0,"flag":1,"remark":"a long text that holds no number"}')],
  ['a header longer than its frame', Buffer.from('0000000400ffffff', 'hex')],
  ['a header of unknown type', Buffer.from('0000000a07000006000000000000', 'hex')],
])('leaves %s to the full header decoder', (_, bytes) => expect(read(bytes)).toBeUndefined());
