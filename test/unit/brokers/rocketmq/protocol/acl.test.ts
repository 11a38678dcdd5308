import { expect, test } from 'vitest';
import { sign } from '../../../../../brokers/rocketmq/protocol/acl.ts';

const key = { accessKey: 'RocketMQ', secretKey: '12345678' };
const body = Buffer.from('body');

test('the signature matches the upstream test vector', () =>
  expect(sign({ code: 28, fields: {} }, key).fields).toEqual({
    AccessKey: 'RocketMQ',
    Signature: 'IUc8rrO/0gDch8CjObLQsW2rsiA=',
  }));

test('values are signed in the order of their names, whatever the order of the fields', () =>
  expect(sign({ code: 28, fields: { b: 'Rocket', a: 'x', '': 'y' } }, { ...key, accessKey: 'z' }).fields).toMatchObject(
    sign({ code: 28, fields: { a: 'x', '': 'y', b: 'Rocket' } }, { ...key, accessKey: 'z' }).fields,
  ));

test('field values and body are joined without a separator', () => {
  const split = sign({ code: 28, fields: {}, body: Buffer.from('MQ') }, { ...key, accessKey: 'Rocket' });
  expect(split.fields['Signature']).toBe('IUc8rrO/0gDch8CjObLQsW2rsiA=');
});

test('a body that differs in one byte has a different signature', () => {
  const signature = (bytes: Buffer) => sign({ code: 10, fields: { topic: 't' }, body: bytes }, key).fields['Signature'];
  expect(signature(body)).not.toBe(signature(Buffer.from('bodz')));
});

test('a security token is sent and signed', () => {
  const { fields } = sign({ code: 10, fields: {} }, { ...key, accessKey: 'Rocket', securityToken: 'MQ' });
  expect(fields).toEqual({
    AccessKey: 'Rocket',
    SecurityToken: 'MQ',
    Signature: 'IUc8rrO/0gDch8CjObLQsW2rsiA=',
  });
});

test('code, fields and body are sent unchanged', () =>
  expect(sign({ code: 10, fields: { topic: 't' }, body }, key)).toMatchObject({
    code: 10,
    fields: { topic: 't' },
    body,
  }));
