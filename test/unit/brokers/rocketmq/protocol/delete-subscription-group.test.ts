import { expect, test } from 'vitest';
import { encodeDeleteSubscriptionGroup } from '../../../../../brokers/rocketmq/protocol/group-requests.ts';
import { sentBy } from '../../../../support/sent.ts';

test('deleting a group requests removal of its commits, with the fields of 4.9 and 5.x', () => {
  expect(sentBy(encodeDeleteSubscriptionGroup({ group: 'billing' }))).toEqual({
    code: 207,
    fields: { groupName: 'billing', removeOffset: 'true', cleanOffset: 'true' },
  });
});
