import { expect, test } from 'vitest';
import { methods, numberOf } from '../../../../../brokers/rocketmq/grpc/messages.ts';

const { sendMessage, receiveMessage, queryRoute } = methods;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/*
 * By hand, as `protoc --decode_raw` shows it: 1 { 1 { 2: "t" } 3 { 3: "id" 5: 1 6: 1 } 4: "x" }
 */
test('a send request has the fields of the published protocol', () =>
  expect(
    hex(
      sendMessage.request.encode({
        messages: [{ topic: { name: 't' }, system: { messageId: 'id', encoding: 1, type: 1 }, body: Buffer.from('x') }],
      }),
    ),
  ).toBe('0a120a031201741a081a02696428013001220178'));

test('a received message is parsed with its place, and a response without a message has none', () => {
  // 2 { 3 { 3: "id" 12: "h" 13: 5 14: 4294967297 16: 2 } 4: "x" }
  const system = '1a0269646201686805708180808010800102';
  const inner = `1a${(system.length / 2).toString(16).padStart(2, '0')}${system}220178`;
  const bytes = Buffer.from(`12${(inner.length / 2).toString(16).padStart(2, '0')}${inner}`, 'hex');
  const { message, status } = receiveMessage.answer.decode(bytes);
  expect(status).toBeNull();
  expect(message?.system).toMatchObject({ messageId: 'id', receiptHandle: 'h', queueId: 5, deliveryAttempt: 2 });
  expect(numberOf(message?.system.queueOffset ?? 0)).toBe(4_294_967_297);
  // 1 { 1: 40404 }
  expect(receiveMessage.answer.decode(Buffer.from('0a0408d4bb02', 'hex'))).toMatchObject({
    message: null,
    status: { code: 40_404 },
  });
});

test('unknown fields are skipped', () =>
  // 1 { 1: 20000 } 9: "new"
  expect(queryRoute.answer.decode(Buffer.from('0a0408a09c014a036e6577', 'hex')).status?.code).toBe(20_000));
