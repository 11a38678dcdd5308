// Renders an offset move as text and as a document.

import { findingsOf, moveUndo, sumsOf, type MoveState } from '../../app/change/offsets/move-state.ts';
import type { GroupPosition, GroupPresence } from '../../brokers/group-offsets.ts';
import { partitionText, type PlannedPosition } from '../../ops/offsets/plan-move.ts';
import { countText, ifKnown } from '../../core/text/quantity-text.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import { defined } from '../../core/defined.ts';

/** Members of the document, without `schemaVersion`. */
export function moveDocument({ cluster, group, plans, status, after, backup, notice }: MoveState): object {
  const { skipped, repeated } = sumsOf(plans);
  return {
    cluster,
    group,
    status,
    presence: presenceDocument(plans[0]?.presence),
    partitions: plans.flatMap(({ topic, positions }) =>
      positions.map((each) => row(each, after?.get(topic)?.get(partitionText(each.position)))),
    ),
    ...defined({ skipped, repeated }),
    findings: findingsOf(plans),
    ...(backup && { backup: backup.path, undo: backup.undo }),
    ...(notice !== undefined && { notice }),
  };
}

function presenceDocument(presence: GroupPresence | undefined): object {
  if (presence === undefined) return { kind: 'unknown' };
  if (presence.kind === 'unknown') return { kind: presence.kind, reason: presence.reason };
  if (presence.kind !== 'running') return { kind: presence.kind };
  const members = presence.members.map(({ id, clientId, address }) => defined({ id, clientId, address }));
  return { kind: presence.kind, members };
}

function row({ position, outcome }: PlannedPosition, after: GroupPosition | undefined): object {
  const { topic, partition, brokerName, start, end, committed } = position;
  return {
    ...defined({ topic, partition, brokerName, start, end, committed }),
    ...outcomeDocument(outcome),
    ...defined({ committedAfter: after?.committed }),
  };
}

function outcomeDocument(outcome: PlannedPosition['outcome']): object {
  if (outcome.kind !== 'move') return { [outcome.kind]: outcome.reason };
  const { target, skipped, repeated, lost, cutTo } = outcome;
  return defined({ target, skipped, repeated, lost, cutTo });
}

const columns = columnsOf(['TOPIC', 'PARTITION', '>START', '>END', '>NOW', '>TARGET', '>SKIPPED', '>REPEATED']);

const statusTexts = {
  planned: 'a plan, nothing was changed',
  'about-to-move': 'about to be moved',
  moved: 'moved',
  'rolled-back': 'rolled back to the former offsets',
} as const satisfies Record<MoveState['status'], string>;

export function moveText(state: MoveState, { colours }: { colours: boolean }): string {
  const { cluster, group, plans, status, after, backup, notice } = state;
  const rows = plans.flatMap(({ topic, positions }) =>
    positions.map(({ position, outcome }) => {
      const move = outcome.kind === 'move' ? outcome : undefined;
      return [
        topic,
        partitionText(position),
        ifKnown(position.start, countText),
        ifKnown(position.end, countText),
        position.committed === undefined ? 'never' : countText(position.committed),
        outcome.kind === 'stay' ? 'as it is' : ifKnown(move?.target, countText),
        ifKnown(move?.skipped, countText),
        ifKnown(move?.repeated, countText),
        ...(after ? [ifKnown(after.get(topic)?.get(partitionText(position))?.committed, countText)] : []),
      ];
    }),
  );
  const { skipped, repeated } = sumsOf(plans);
  const sums = [
    skipped === undefined
      ? 'the number of skipped messages is unknown'
      : `at most ${countText(skipped)} messages are skipped`,
    repeated === undefined ? 'the number of repeated ones is unknown' : `at most ${countText(repeated)} are repeated`,
  ].join(', ');
  const table = renderTable(after ? [...columns, { heading: 'AFTER', isFigure: true }] : columns, rows, { colours });
  return [
    `${plain(group)} on cluster ${plain(cluster)}: ${statusTexts[status]}; ${sums}\n`,
    table,
    ...findingsOf(plans).map(({ severity, message }) => `${severity}: ${plain(message)}\n`),
    ...(backup ? [`backup: ${backup.path}\nundo:   ${backup.undo}\n`] : []),
    ...(status === 'planned' && !findingsOf(plans).some(({ severity }) => severity === 'critical')
      ? [`\n--execute moves the group, after a backup of its offsets\nundo: ${moveUndo(group)}\n`]
      : []),
    ...(notice === undefined ? [] : [`\n${notice}`]),
  ].join('');
}
