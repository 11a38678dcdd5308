import { expect, test } from 'vitest';
import { deliveryFindings } from '../../../../../analyzer/verdict/findings/delivery-findings.ts';
import type { DeliveryAccount, GroupAccount } from '../../../../../core/documents/delivery-account.ts';
import { deliveryAccount, groupAccount } from '../../../../support/delivery-account.ts';

const account = (group: Partial<GroupAccount>, over: Partial<DeliveryAccount> = {}) =>
  deliveryAccount({ groups: [groupAccount(group)], ...over });
const told = (group: Partial<GroupAccount>, over?: Partial<DeliveryAccount>) =>
  deliveryFindings(account(group, over)).map(({ severity, code }) => `${severity} ${code}`);

test('a run in which all messages arrived has one finding, ledger-clean', () =>
  expect(told({})).toEqual(['info ledger-clean']));
test('a run without a delivery check has no delivery findings', () => expect(deliveryFindings(undefined)).toEqual([]));

test('lost messages are critical, with their count and partitions', () => {
  const places = [
    { topic: 'orders', partition: 3, lost: 2 },
    { topic: 'orders', partition: 1, lost: 5 },
    { topic: 'orders', partition: 2, reordered: 1 },
  ];
  const [finding] = deliveryFindings(account({ lost: 7, places }));
  expect(finding?.severity).toBe('critical');
  expect(finding?.message).toContain('Acknowledged messages lost: 7.');
  expect(finding?.evidence.map(({ name, value }) => `${name} ${value}`)).toEqual([
    'lost 7',
    'orders-1 5',
    'orders-3 2',
  ]);
});

test.each([
  ['critical messages-duplicated', { duplicated: 3 }],
  ['critical messages-corrupted', { corrupted: 1 }],
  ['critical messages-rewritten', { rewritten: 1 }],
  ['warning messages-unread', { unread: 4 }],
  ['warning messages-expired', { unread: 4, expired: 4 }],
  ['warning messages-reordered', { reordered: 4 }],
  ['info messages-redelivered', { redelivered: 4 }],
])('reports %s', (expected, group) => expect(told(group)).toEqual([expected]));

test('messages deleted by retention are not counted as still unread on a broker', () => {
  const places = [
    { topic: 'orders', partition: 1, unread: 4, expired: 3 },
    { topic: 'orders', partition: 2, unread: 2 },
  ];
  const findings = deliveryFindings(account({ unread: 6, expired: 3, places }));
  expect(findings.map(({ evidence }) => evidence.map(({ name, value }) => `${name} ${value}`))).toEqual([
    ['unread 3', 'orders-2 2', 'orders-1 1'],
    ['expired 3', 'orders-1 3'],
  ]);
});

test('messages of unknown fate are a warning that states how many of them were delivered', () => {
  const findings = deliveryFindings(account({ unknownFateButDelivered: 2 }, { unknownFate: 5 }));
  expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('Delivered of these: 2')]);
});

test('logs that disagree are critical, and inexact figures are a warning', () => {
  const agreement = {
    partitions: 1,
    notCompared: 0,
    grown: 990,
    acknowledged: 1000,
    unknownFate: 0,
    agrees: false,
    disagreements: [{ topic: 'orders', partition: 0, grown: 990, least: 1000, reason: '10 messages are not there' }],
  };
  const notCompared = { ...agreement, notCompared: 4, disagreements: [] };
  expect(told({}, { agreement: notCompared })).toEqual(['info ledger-clean']);
  expect(told({}, { agreement, isExact: false })).toEqual(['critical log-disagrees', 'warning ledger-inexact']);
  expect(deliveryFindings(account({}, { agreement }))[0]?.messageZh).toContain('orders-0：缺少 10 条应有的消息。');
});
