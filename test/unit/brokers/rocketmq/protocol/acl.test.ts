import { expect, test } from 'vitest';
import { sign } from '../../../../../brokers/rocketmq/protocol/acl.ts';

const key = { accessKey: 'RocketMQ', secretKey: '12345678' };
const body = Buffer.from('body');

test("signs as upstream's own test vector", () =>
  expect(sign({ code: 28, fields: {} }, key).fields).toEqual({
    AccessKey: 'RocketMQ',
    Signature: 'IUc8rrO/0gDch8CjObLQsW2rsiA=',
  }));

test('signs values in the order of their names, whatever order they came in', () =>
  expect(sign({ code: 28, fields: { b: 'Rocket', a: 'x', '': 'y' } }, { ...key, accessKey: 'z' }).fields).toMatchObject(
    sign({ code: 28, fields: { a: 'x', '': 'y', b: 'Rocket' } }, { ...key, accessKey: 'z' }).fields,
  ));

test('joins field values and body with nothing between them', () => {
  const split = sign({ code: 28, fields: {}, body: Buffer.from('MQ') }, { ...key, accessKey: 'Rocket' });
  expect(split.fields['Signature']).toBe('IUc8rrO/0gDch8CjObLQsW2rsiA=');
});

test('a body that differs in one byte has another signature', () => {
  const signature = (bytes: Buffer) => sign({ code: 10, fields: { topic: 't' }, body: bytes }, key).fields['Signature'];
  expect(signature(body)).not.toBe(signature(Buffer.from('bodz')));
});

test('a security token is shown and signed', () => {
  const { fields } = sign({ code: 10, fields: {} }, { ...key, accessKey: 'Rocket', securityToken: 'MQ' });
  expect(fields).toEqual({
    AccessKey: 'Rocket',
    SecurityToken: 'MQ',
    Signature: 'IUc8rrO/0gDch8CjObLQsW2rsiA=',
  });
});

test('code and body go out as they came', () =>
  expect(sign({ code: 10, fields: { topic: 't' }, body }, key)).toMatchObject({
    code: 10,
    fields: { topic: 't' },
    body,
  }));
