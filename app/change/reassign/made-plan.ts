// Reads the files that a reassignment is planned from.

import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import type { Reassignment } from '../../../ops/kafka/reassign/plan-reassignment.ts';
import { parseFile } from '../../../ops/kafka/reassign/files.ts';
import { readBounded } from '../../files/read-bounded.ts';
import type { ReassignRequest } from './reassign-request.ts';

export interface MadePlan {
  plan: Reassignment;
  findings: readonly Finding[];
}

/** @throws AppError usage when it was not given; not-found, no-permission, reassignment-unreadable */
export async function readInput<Schema extends Parameters<typeof parseFile>[1]>(
  options: ReassignRequest,
  name: 'assignment' | 'brokers' | 'sizes',
  schema: Schema,
  signal: AbortSignal,
) {
  const path = options[name];
  if (path === undefined) {
    throw new AppError('usage', `--${name} is missing: a plan needs this file, or a running cluster with --cluster`, {
      hint: 'docs/reassignment.md shows each file; examples/reassignment has them',
    });
  }
  return parseFile<Schema>(await readBounded(path, { signal }), schema, path);
}
