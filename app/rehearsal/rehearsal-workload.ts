// Builds the workload of a rehearsal: steps of constant rates, shadow topics with their messages, and groups.

import type { z } from 'zod';
import { totalOf, type RehearsalCourse } from '../../analyzer/planning/rehearsal/course.ts';
import { describeIssues } from '../../core/config-problem.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { completeWorkload, WorkloadFile, type Workload } from '../../loadgen/plan/workload.ts';
import { readWorkloadFiles } from '../../loadgen/plan/workload/read-files.ts';
import type { Named, RehearsalRequest } from './rehearsal-request.ts';

export interface ShadowGroup {
  name: string;
  processingSeconds?: number;
}

/** Distinct groups of all topics; every group of the rehearsal consumes every shadow topic. */
export function groupsOf({ history, processing }: Pick<RehearsalRequest, 'history' | 'processing'>): ShadowGroup[] {
  const names = [...new Set(history.topics.flatMap(({ groups }) => groups))].toSorted();
  const unknown = processing.find(({ name }) => !names.includes(name));
  if (unknown !== undefined) {
    throw new AppError(
      'usage',
      `--processing: no group ${unknown.name} consumed these topics in ${history.promotion}`,
      {
        hint: names.length === 0 ? 'no group did' : `groups: ${names.join(', ')}`,
      },
    );
  }
  return names.map((name) => {
    const processingSeconds = processing.find((each) => each.name === name)?.value;
    return { name, ...(processingSeconds !== undefined && { processingSeconds }) };
  });
}

/** @throws AppError usage if the message size is unknown; workload-invalid for a file that is not a capture */
export async function rehearsalWorkload(
  request: RehearsalRequest,
  course: RehearsalCourse,
  groups: readonly ShadowGroup[],
  { signal }: { signal: AbortSignal },
): Promise<Workload> {
  const { history, workers, partitions, replicationFactor, stopBroker } = request;
  const topics = history.topics.map(({ name }) => messagesOf(name, request));
  const [only, ...others] = topics;
  const written = {
    name: `rehearsal of ${request.promotion}`.slice(0, 100),
    ...only,
    ...(others.length > 0 && {
      mix: topics.map((each, index) => ({ ...each, share: course.steps.map((rates) => rates[index] ?? 0) })),
    }),
    groups: groups.map(({ name, processingSeconds = 0 }, index) => ({
      name: `${name.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 50)}-${index + 1}`,
      processing: `${Math.round(processingSeconds * 1e6) / 1e3}ms`,
    })),
    ...defined({ workers, partitions, replicationFactor }),
    ...(stopBroker !== undefined && { outage: '60s' }),
    profile: {
      kind: 'steps',
      rates: course.steps.map((rates) => Math.round(totalOf(rates) * 1000) / 1000),
      stepDuration: `${Math.round(course.stepSeconds * 1000)}ms`,
    },
  };
  const parsed = WorkloadFile.safeParse(written);
  if (!parsed.success) throw invalid(parsed.error, written);
  return completeWorkload(await readWorkloadFiles(parsed.data, '.', { signal }), {});
}

function invalid(error: z.ZodError, written: object): AppError {
  const problems = describeIssues(error.issues, WorkloadFile, written).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
  return new AppError('workload-invalid', problems.join('; '));
}

function messagesOf(
  topic: string,
  { captures, messageSizes }: RehearsalRequest,
): { messageSize: unknown; keys?: unknown } {
  const valueOf = (list: readonly Named<string>[]) => list.find(({ name }) => name === topic)?.value;
  const file = valueOf(captures);
  if (file !== undefined) return { messageSize: { histogram: file }, keys: { histogram: file } };
  const size = valueOf(messageSizes) ?? messageSizes.find(({ name }) => name === '')?.value;
  if (size !== undefined) return { messageSize: /^\d+$/.test(size) ? `${size}B` : size };
  throw new AppError('usage', `the message size of topic ${topic} is unknown`, {
    hint: `run \`plimsoll capture --topic ${topic} --out ${topic}.json\` and give --capture ${topic}=${topic}.json; or give --message-size ${topic}=1KiB`,
  });
}
