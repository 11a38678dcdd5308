// Renders a plan for more partitions as text.

import type { Finding } from '../../core/documents/analysis.ts';
import type { MeasuredMoves } from '../../ops/kafka/partitions/key-moves.ts';
import type { LeaderLoad } from '../../ops/kafka/partitions/new-partitions.ts';
import type { ReadingGroup } from '../../ops/kafka/partitions/partition-findings.ts';
import { plain, renderTable } from '../../core/text/table.ts';

export interface PartitionsDocument {
  topic: string;
  from: number;
  to: number;
  /** Share of keys that go to another partition, by arithmetic. */
  keysMoved: number;
  measured: MeasuredMoves;
  groups: readonly ReadingGroup[];
  /** Replicas of each new partition, the preferred leader first. */
  assignments: readonly (readonly number[])[];
  leaders: readonly LeaderLoad[];
  findings: readonly Finding[];
  notice?: string;
  executed?: { partitions: number; seconds: number };
}

const mostShown = 12;

export function partitionsText({
  topic,
  from,
  to,
  assignments,
  leaders,
  findings,
  notice,
}: PartitionsDocument): string {
  const shown = assignments
    .slice(0, mostShown)
    .map((replicas, index) => `  ${topic}-${from + index} on ${replicas.join(', ')}\n`);
  const more = assignments.length - shown.length;
  return [
    `${topic}: ${to - from} more partitions, ${from} to ${to}.\n`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more; --json shows all\n`] : []),
    '\n',
    renderTable(
      [
        { heading: 'broker' },
        { heading: 'leads of it now', isFigure: true },
        { heading: 'then', isFigure: true },
        { heading: 'leads in all now', isFigure: true },
        { heading: 'then', isFigure: true },
      ],
      leaders.map(({ broker, topic: own, all }) => [
        String(broker),
        String(own.before),
        String(own.after),
        String(all.before),
        String(all.after),
      ]),
    ),
    '\nundo: none: Kafka cannot remove partitions\n',
    ...findings.map(({ severity, message }) => `${severity}: ${plain(message)}\n`),
    ...(notice === undefined ? [] : [`\n${notice}`]),
  ].join('');
}
