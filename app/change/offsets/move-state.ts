// Defines how far an offset move is, with its totals and findings.

import type { GroupPosition } from '../../../brokers/group-offsets.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import type { Caller } from '../../caller.ts';
import type { MovePlan } from '../../../ops/offsets/plan-move.ts';
import { defined } from '../../../core/defined.ts';

export interface MoveState {
  cluster: string;
  group: string;
  plans: readonly MovePlan[];
  status: 'planned' | 'about-to-move' | 'moved' | 'rolled-back';
  /** By topic and partition, once moved. */
  after?: ReadonlyMap<string, ReadonlyMap<string, GroupPosition>>;
  /** Once it is written. */
  backup?: { path: string; undo: string };
  notice?: string;
}

/** Absent if one of the partitions is unknown. */
export function sumsOf(plans: readonly MovePlan[]): { skipped?: bigint; repeated?: bigint } {
  const moves = plans.flatMap(({ positions }) =>
    positions.flatMap(({ outcome }) => (outcome.kind === 'stay' ? [] : [outcome])),
  );
  const sum = (name: 'skipped' | 'repeated') =>
    moves.reduce<bigint | undefined>((total, each) => {
      const own = each.kind === 'move' ? each[name] : undefined;
      return total === undefined || own === undefined ? undefined : total + own;
    }, 0n);
  return defined({ skipped: sum('skipped'), repeated: sum('repeated') });
}

/** What holds for the group stands once, though it is in each topic's plan. */
export function findingsOf(plans: readonly MovePlan[]) {
  const all = plans.flatMap(({ findings }) => findings);
  return [...new Map(all.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}

export const moveUndo = (group: string) =>
  `plimsoll ops offsets restore --group ${quotedWord(group)} --from BACKUP --execute`;

/** As it can be typed. */
export function undoCommand({ options }: Pick<Caller, 'options'>, group: string, path: string): string {
  const cluster = (['config', 'cluster', 'bootstrap', 'namesrv'] as const).flatMap((name) =>
    options[name] === undefined ? [] : [`--${name} ${quotedWord(options[name])}`],
  );
  return [
    'plimsoll ops offsets restore',
    ...cluster,
    `--group ${quotedWord(group)}`,
    `--from ${quotedWord(path)}`,
    '--execute',
  ].join(' ');
}
