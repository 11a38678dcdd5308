import { expect, test } from 'vitest';
import { parseListAcls } from '../../../../../brokers/rocketmq/protocol/access-requests.ts';

const response = (body: string, code = 0) => ({ code, fields: {}, body: Buffer.from(body) });

test('each entry of each policy becomes a rule', () => {
  // As a broker of 5.3.3 writes it.
  const body =
    '[{"subject":"User:alice","policies":[{"policyType":"CUSTOM","entries":[{"resource":"Topic:orders","actions":["Pub","Sub"],"sourceIps":["10.0.0.0/8"],"decision":"Allow"},{"resource":"Group:*","actions":["Sub"],"decision":"Deny"}]}]}]';
  expect(parseListAcls(response(body))).toEqual([
    {
      subject: 'User:alice',
      resource: 'topic',
      name: 'orders',
      actions: ['Pub', 'Sub'],
      decision: 'allow',
      sources: ['10.0.0.0/8'],
    },
    { subject: 'User:alice', resource: 'group', name: '*', actions: ['Sub'], decision: 'deny', sources: [] },
  ]);
});

test('a broker without the request has no rules, and an unreadable response is an error', () => {
  expect(parseListAcls(response('', 3))).toBeUndefined();
  expect(() => parseListAcls(response('<html>'))).toThrow('cannot be read');
});
