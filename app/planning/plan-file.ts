// Reads a plan that `plimsoll size --json` wrote.

import { z } from 'zod';
import { ClusterPlans, type ClusterPlan } from '../../core/documents/cluster-plan.ts';
import { documentKind, documentName } from '../../core/documents/document-kind.ts';
import { AppError } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import { readBounded } from '../files/read-bounded.ts';
import { parseJsonFile } from '../../core/text/parse-json.ts';

/** Most problems that are listed. */
const mostPlaces = 3;

/** @throws AppError plan-unreadable, with the actual kind of file, or the place in the file */
export async function readPlanFile(path: string, io: { signal: AbortSignal }): Promise<ClusterPlans> {
  const text = await readBounded(path, io, { fault: 'plan-unreadable' });
  const written = parseJsonFile(text, path, 'plan-unreadable');
  const { data, error } = ClusterPlans.safeParse(written);
  if (data === undefined) {
    throw new AppError('plan-unreadable', `${path} is not a plan of clusters: ${whyNoPlan(written, error)}`);
  }
  if (data.clusters.length === 0) throw new AppError('plan-unreadable', `${path} contains no cluster`);
  return data;
}

function whyNoPlan(written: unknown, error: z.ZodError): string {
  const kind = documentKind(written);
  if (kind === undefined) return 'the key `worlds`, which every plan has, is missing';
  if (kind !== 'plan') return `it is ${documentName(kind)}`;
  const { issues } = error;
  const shown = z.prettifyError({ issues: issues.slice(0, mostPlaces) });
  return issues.length > mostPlaces ? `${shown}\nand ${issues.length - mostPlaces} more` : shown;
}

/** @returns the cluster with this name, or all. @throws AppError not-found */
export function chosenClusters({ clusters }: ClusterPlans, name: string | undefined): ClusterPlan[] {
  if (name === undefined) return clusters;
  const chosen = clusters.find((each) => each.name === name);
  if (chosen !== undefined) return [chosen];
  const names = clusters.map((each) => each.name);
  throw new AppError('not-found', `the plan has no cluster ${name}`, {
    hint: meantHint(name, names, `it has ${names.join(', ')}`),
  });
}
