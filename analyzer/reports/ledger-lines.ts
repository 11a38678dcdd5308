// What became of every message, in lines for a person?

import { messageFaults, type DeliveryAccount } from '../../core/delivery-account.ts';

/** @returns none for a run without a ledger */
export function ledgerLines(ledger: DeliveryAccount | undefined): string[] {
  if (ledger === undefined) return [];
  const { sent, acknowledged, refused, unknownFate, groups } = ledger;
  return [
    'Ledger',
    [
      `${count(sent)} sent`,
      `${count(acknowledged)} acknowledged`,
      ...told({ refused, 'of unknown fate': unknownFate }),
    ].join(', '),
    ...groups.map((group) =>
      [
        `${group.group}: ${count(group.received)} received`,
        ...told(Object.fromEntries(messageFaults.map((name) => [name, group[name] ?? 0]))),
      ].join(', '),
    ),
  ];
}

const told = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([name, value]) => (value > 0 ? [`${count(value)} ${name}`] : []));

const count = (value: number) => value.toLocaleString('en');
