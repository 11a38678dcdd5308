// What is the plan to reach? The options of a reassignment, as they were typed.

import { AppError } from '../../core/errors.ts';
import type { Goal } from '../../ops/kafka/reassign/goal.ts';
import type { CommandIo, Option } from '../command.ts';
import { numberOption } from '../number-option.ts';

export const goalOptions = {
  add: { type: 'string', value: 'IDS', help: 'brokers that are new, such as 4,5; they hold nothing yet' },
  remove: { type: 'string', value: 'IDS', help: 'brokers that leave; their replicas move first' },
  replace: { type: 'string', value: 'A=B', help: 'broker B takes each place of broker A, and nothing else moves' },
  'replication-factor': {
    type: 'string',
    value: 'N',
    help: 'so many replicas of each partition: missing ones where they are needed, those too many go and copy nothing',
  },
  leaders: { type: 'boolean', help: 'spread preferred leaders alone: no byte moves' },
} as const satisfies Record<string, Option>;

export interface AskedGoal {
  goal: Goal;
  add: readonly number[];
  remove: readonly number[];
}

const mostReplicas = 64;

/** @throws AppError usage */
export function askedGoal(options: CommandIo['options']): AskedGoal {
  const [add, remove] = [readIds(options, 'add'), readIds(options, 'remove')];
  const given = [
    add.length + remove.length > 0 && options['leaders'] === true,
    options['replace'] !== undefined && (add.length + remove.length > 0 || options['leaders'] === true),
    options['replace'] !== undefined && options['replication-factor'] !== undefined,
    options['leaders'] === true && options['replication-factor'] !== undefined,
  ];
  if (given.includes(true)) {
    throw new AppError(
      'usage',
      '--replace and --leaders each stand alone, without --add, --remove or --replication-factor',
    );
  }
  if (options['leaders'] === true) return { goal: { kind: 'leaders' }, add, remove };
  if (typeof options['replace'] === 'string') {
    const [, from, to] = /^(\d{1,10})=(\d{1,10})$/.exec(options['replace']) ?? [];
    if (from === undefined || to === undefined || from === to) {
      throw new AppError(
        'usage',
        `--replace ${options['replace']}: write who leaves and who takes its places, like 3=7`,
      );
    }
    return { goal: { kind: 'replace', from: Number(from), to: Number(to) }, add, remove: [Number(from)] };
  }
  const replicas = numberOption(options, 'replication-factor');
  if (replicas === undefined) return { goal: { kind: 'even' }, add, remove };
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > mostReplicas) {
    throw new AppError('usage', `--replication-factor: ${replicas} is no whole number from 1 to ${mostReplicas}`);
  }
  return { goal: { kind: 'factor', replicas }, add, remove };
}

function readIds(options: CommandIo['options'], name: string): number[] {
  const text = options[name];
  if (typeof text !== 'string') return [];
  const wrong = text.split(',').find((part) => !/^\d{1,10}$/.test(part.trim()));
  if (wrong === undefined) return [...new Set(text.split(',').map(Number))];
  throw new AppError('usage', `--${name}: ${JSON.stringify(wrong)} is no id of a broker`, {
    hint: 'write it like 4,5',
  });
}
