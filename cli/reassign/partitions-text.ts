// Renders a plan for more partitions as text.

import type { PlannedPartitions } from '../../app/change/partitions/add-partitions.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';

const mostShown = 12;

export function partitionsText({ topic, from, to, assignments, leaders, findings, notice }: PlannedPartitions): string {
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
      columnsOf(['broker', '>leads of it now', '>then', '>leads in all now', '>then']),
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
