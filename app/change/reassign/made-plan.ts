// Reads the input files of a reassignment plan.

import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import type { ScriptServers } from '../../../ops/kafka/reassign/script-files.ts';
import type { Reassignment } from '../../../ops/kafka/reassign/plan-reassignment.ts';
import { parseFile } from '../../../ops/kafka/reassign/files.ts';
import { readBounded } from '../../files/read-bounded.ts';
import type { ReassignRequest } from './reassign-request.ts';

export interface MadePlan {
  plan: Reassignment;
  findings: readonly Finding[];
  /** Absent for a plan from files. */
  servers?: ScriptServers;
}

/** @throws AppError usage if the option is missing; not-found, no-permission, reassignment-unreadable */
export async function readInput<Schema extends Parameters<typeof parseFile>[1]>(
  options: ReassignRequest,
  name: 'assignment' | 'brokers' | 'sizes',
  schema: Schema,
  signal: AbortSignal,
) {
  const path = options[name];
  if (path === undefined) {
    throw new AppError('usage', `a plan needs --${name} FILE, or --cluster NAME to read it from a running cluster`, {
      hint: 'docs/changes/reassignment.md describes the input files; examples/reassignment has an example of each',
    });
  }
  return parseFile<Schema>(await readBounded(path, { signal }), schema, path);
}
