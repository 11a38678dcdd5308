// What is a plan once it is made, wherever it was read from? The same for files and for a cluster that runs.

import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import type { Reassignment } from '../../ops/kafka/reassign/plan-reassignment.ts';
import type { CommandIo } from '../command.ts';
import { numberOption } from '../number-option.ts';
import { parseFile } from '../../ops/kafka/reassign/files.ts';
import { readBounded } from '../read-bounded.ts';

export interface MadePlan {
  plan: Reassignment;
  findings: readonly Finding[];
}

/** @throws AppError usage */
export function paceOptions(options: CommandIo['options']): { incoming?: number; movesPerBroker?: number } {
  const incoming = positive(options, 'incoming');
  const movesPerBroker = positive(options, 'moves-per-broker');
  if (movesPerBroker !== undefined && !Number.isInteger(movesPerBroker)) {
    throw new AppError('usage', `--moves-per-broker: ${movesPerBroker} is not a whole number`);
  }
  return { ...(incoming !== undefined && { incoming }), ...(movesPerBroker !== undefined && { movesPerBroker }) };
}

/** @throws AppError usage */
export function positive(options: CommandIo['options'], name: string): number | undefined {
  const value = numberOption(options, name);
  if (value === undefined || value > 0) return value;
  throw new AppError('usage', `--${name}: ${value} is not above 0`);
}

/** @throws AppError usage when it was not given; not-found, no-permission, reassignment-unreadable */
export async function readInput<Schema extends Parameters<typeof parseFile>[1]>(
  options: CommandIo['options'],
  name: string,
  schema: Schema,
  signal: AbortSignal,
) {
  const path = options[name];
  if (typeof path !== 'string') {
    throw new AppError('usage', `--${name} is missing: a plan needs the file, or --cluster a cluster that runs`, {
      hint: 'docs/reassignment.md shows each file; examples/reassignment has them',
    });
  }
  return parseFile<Schema>(await readBounded(path, { signal }), schema, path);
}
