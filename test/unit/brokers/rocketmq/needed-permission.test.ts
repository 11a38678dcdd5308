// Checks that errors name the missing permission.

import { expect, test } from 'vitest';
import { neededPermission } from '../../../../brokers/rocketmq/needed-permission.ts';

/** The remark of a 5.3.3 broker. */
const denied = (resource: string) =>
  `end of a queue (30) answered with code 16: User:lag has no permission to access ${resource} from 127.0.0.1, no matched policies.`;

test('ACL 2.0: the action is derived from the request, the resource from the response', () => {
  expect(neededPermission(30, denied('Topic:orders'))).toBe('needs GET on topic orders');
  expect(neededPermission(222, denied('Group:billing'))).toBe('needs UPDATE on group billing');
  expect(neededPermission(328, denied('Cluster:DefaultCluster'))).toBe('needs GET on cluster DefaultCluster');
  expect(neededPermission(9999, denied('Topic:orders'))).toBe('needs a permission on topic orders');
});

test('ACL 2.0: retry topics are refused under their group', () => {
  expect(neededPermission(30, denied('Group:billing_orders'))).toBe('needs GET on group billing_orders');
  expect(neededPermission(215, denied('Group:billing_orders'))).toBe('needs DELETE on group billing_orders');
});

test('4.x: publishing, subscribing or admin permission', () => {
  // PlainPermissionManager.checkPerm, 4.9.7
  expect(neededPermission(310, 'No default permission for topic:orders')).toBe('needs PUB on topic orders');
  expect(neededPermission(11, 'No default permission for group:billing')).toBe('needs SUB on group billing');
  const admin = 'Need admin permission for request code=17, but accessKey=plimsoll is not';
  expect(neededPermission(17, admin)).toBe('needs an account with admin: true');
});

test('another refusal names no permission', () => {
  expect(neededPermission(30, 'check signature failed')).toBeUndefined();
});
