// Defines the state of an offset move, with its totals and findings.

import type { GroupPosition } from '../../../brokers/group-offsets.ts';
import { addressOptions } from '../../../core/broker-kind/registry.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import type { Caller } from '../../caller.ts';
import type { MovePlan } from '../../../ops/offsets/plan-move.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { defined } from '../../../core/defined.ts';

export interface MoveState {
  cluster: string;
  group: string;
  plans: readonly MovePlan[];
  findings: readonly Finding[];
  status: 'planned' | 'about-to-move' | 'done' | 'rolled-back';
  /** By topic and partition; present once moved. */
  after?: ReadonlyMap<string, ReadonlyMap<string, GroupPosition>>;
  /** Present once written. */
  backup?: { path: string; undo: string };
  notice?: string;
}

/** @returns sums, each absent if a partition is unknown */
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

/** Removes duplicates: a finding about the group is in the plan of each topic. */
export function findingsOf(plans: readonly MovePlan[]) {
  const all = plans.flatMap(({ findings }) => findings);
  return [...new Map(all.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}

export const moveUndo = (group: string) =>
  `plimsoll ops offsets restore --group ${quotedWord(group)} --from BACKUP --execute`;

/** @returns the undo command, with the options as typed */
export function undoCommand({ options }: Pick<Caller, 'options'>, group: string, path: string): string {
  const cluster = (['config', 'cluster', ...addressOptions] as const).flatMap((name) =>
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
