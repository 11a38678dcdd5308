// Reads the workload, search and criteria stored in run.json, to resume a run or derive its result again.

import { z } from 'zod';
import { describeIssues } from '../../core/config-problem.ts';
import { AppError } from '../../core/errors.ts';
import { Criteria } from '../search/criteria/criteria-options.ts';
import { SearchOptions, type Started } from '../search/search-options.ts';
import type { RunDocument } from '../../core/documents/run-bundle.ts';
import { type Workload, WorkloadFile } from './workload.ts';

export type LoadTestDocument = Extract<RunDocument, { origin: 'load-test' }>;

/**
 * A workload file counts the threads of one machine; run.json stores all threads, up to 64 on each of 64 machines
 * (loadgen/remote/config.ts).
 */
const StoredWorkload = WorkloadFile.extend({
  workers: z
    .number()
    .int()
    .positive()
    .max(64 * 64)
    .default(1),
});

/** @returns undefined for a bundle without a stored workload @throws AppError run-unreadable */
export function storedWorkload({ id, resume }: LoadTestDocument): Workload | undefined {
  if (resume === undefined) return undefined;
  // A workload of an earlier version may lack keys that have a default since then.
  const { messageSize, profile, ...others } = read(id, StoredWorkload, StoredWorkload.partial(), resume.workload);
  if (messageSize === undefined || profile === undefined) throw unreadable(id, 'no message size or profile');
  return { ...others, messageSize, profile };
}

const Names = z.object(WorkloadFile.pick({ topic: true, topics: true, mix: true, groups: true }).shape);

/** Reads only topics and groups, because other keys may differ between versions. @throws AppError run-unreadable */
export function storedNames({ id, resume }: LoadTestDocument): z.output<typeof Names> | undefined {
  return resume && read(id, Names, Names.partial(), resume.workload);
}

/** @returns undefined if the run is not a search @throws AppError run-unreadable */
export function storedSearch({ id, resume }: LoadTestDocument): Started<SearchOptions> | undefined {
  if (resume?.search === undefined) return undefined;
  const options = read(id, SearchOptions, SearchOptions, resume.search);
  const { start } = options;
  if (start === undefined) throw unreadable(id, 'its search has no first rate');
  return { ...options, start };
}

/** @returns undefined if the run is no search, or its version stored no criteria @throws AppError run-unreadable */
export function storedCriteria({ id, resume }: LoadTestDocument): Criteria | undefined {
  return resume?.criteria && read(id, Criteria, Criteria, resume.criteria);
}

/**
 * Stored values are in base units, and the schema reads what people write, so converting in both directions validates
 * both.
 */
function read<Schema extends z.ZodType>(
  id: string,
  schema: Schema,
  stored: z.ZodType,
  value: unknown,
): z.output<Schema> {
  const written = z.safeEncode(stored, value);
  const parsed = written.success ? schema.safeParse(written.data) : written;
  if (parsed.success) return parsed.data;
  const [issue] = describeIssues(parsed.error.issues, schema, value);
  throw unreadable(id, issue === undefined ? parsed.error.message : `${issue.path.join('.')}: ${issue.message}`);
}

const unreadable = (id: string, why: string) =>
  new AppError('run-unreadable', `run.json of run ${id} has no workload that this version can read: ${why}`, {
    hint: 'resume it with the version of Plimsoll that wrote it, or start a new run',
  });
