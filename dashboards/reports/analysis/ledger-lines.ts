// Renders the delivery check: messages sent, acknowledged, received, lost and duplicated.

import { messageFaults, type DeliveryAccount } from '../../../core/documents/delivery-account.ts';
import { countText } from '../../../core/text/quantity-text.ts';

/** @returns none for a run without a delivery check */
export function ledgerLines(ledger: DeliveryAccount | undefined): string[] {
  if (ledger === undefined) return [];
  const { sent, acknowledged, refused, unknownFate, groups } = ledger;
  return [
    'Delivery check',
    [
      `${countText(sent)} sent`,
      `${countText(acknowledged)} acknowledged`,
      ...nonZero({ refused, 'with unknown outcome': unknownFate }),
    ].join(', '),
    ...groups.map((group) =>
      [
        `${group.group}: ${countText(group.received)} received`,
        ...nonZero(Object.fromEntries(messageFaults.map((name) => [name, group[name] ?? 0]))),
      ].join(', '),
    ),
  ];
}

const nonZero = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([name, value]) => (value > 0 ? [`${countText(value)} ${name}`] : []));
