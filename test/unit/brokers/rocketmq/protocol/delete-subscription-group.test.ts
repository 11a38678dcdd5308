import { expect, test } from 'vitest';
import { encodeDeleteSubscriptionGroup } from '../../../../../brokers/rocketmq/protocol/delete-subscription-group.ts';
import { sentBy } from '../../../../support/sent.ts';

test('the commits of a deleted group go with it, by the field of 4.9 and by that of 5.x', () => {
  expect(sentBy(encodeDeleteSubscriptionGroup({ group: 'billing' }))).toEqual({
    code: 207,
    fields: { groupName: 'billing', removeOffset: 'true', cleanOffset: 'true' },
  });
});
