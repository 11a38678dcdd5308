// Makes delivery checks of a run in which every message arrived once, except for changes by the test.

import type { DeliveryAccount, GroupAccount } from '../../core/documents/delivery-account.ts';

export const groupAccount = (over: Partial<GroupAccount> = {}): GroupAccount => ({
  group: 'billing',
  received: 1000,
  lost: 0,
  unread: 0,
  duplicated: 0,
  redelivered: 0,
  rewritten: 0,
  reordered: 0,
  corrupted: 0,
  foreign: 0,
  late: 0,
  unknownFateButDelivered: 0,
  refusedButDelivered: 0,
  untoldButDelivered: 0,
  places: [],
  ...over,
});

export const deliveryAccount = (over: Partial<DeliveryAccount> = {}): DeliveryAccount => ({
  sent: 1000,
  acknowledged: 1000,
  refused: 0,
  unknownFate: 0,
  groups: [groupAccount()],
  isExact: true,
  ...over,
});
