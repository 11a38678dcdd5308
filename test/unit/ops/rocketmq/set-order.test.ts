import { expect, test } from 'vitest';
import { orderAfter } from '../../../../ops/rocketmq/topics/set-order.ts';

const defined = (brokerName: string, order: boolean) => ({
  brokerName,
  after: {
    name: 'paid',
    readQueues: 4,
    writeQueues: 4,
    permission: 6,
    filterType: 'SINGLE_TAG',
    sysFlag: 0,
    order,
    attributes: {},
  },
});

test.each([
  [null, [defined('broker-c', true)], 'broker-c:4'],
  ['broker-a:8;broker-b:8', [defined('broker-c', true)], 'broker-a:8;broker-b:8;broker-c:4'],
  ['broker-a:8;broker-b:8', [defined('broker-a', true)], 'broker-a:4;broker-b:8'],
  ['broker-a:8;broker-b:8', [defined('broker-a', false)], 'broker-b:8'],
  ['broker-a:8', [defined('broker-a', false)], null],
])('of %s only the entries of defined brokers change', (before, brokers, after) => {
  expect(orderAfter(before, brokers)).toBe(after);
});
