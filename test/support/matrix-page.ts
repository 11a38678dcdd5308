// Records results of the load generator's matrix: a line per workload in evidence/loadgen-matrix, a row per cluster in
// docs/evidence/loadgen-matrix.md.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { readCommit, updateEvidencePage } from './evidence-page.ts';
import { faultsOf, type CheckedRun } from './matrix-run.ts';

const page = 'docs/evidence/loadgen-matrix.md';
const folder = 'evidence/loadgen-matrix';
const data = `${folder}/workloads.ndjson`;

/** Result of one workload on one cluster. */
export interface WorkloadRow {
  cluster: string;
  command: string;
  commit: string;
  at: string;
  cores: number;
  workload: string;
  /** Messages sent; absent if the run failed. */
  sent?: number;
  acknowledged?: number;
  groups?: number;
  received?: readonly number[];
  /** Messages by which the logs grew, by the offsets that the broker reports. */
  logGrowth?: number;
  /** Differences between counts; absent if all are equal. */
  disagreement?: string;
}

/** Maximum length of the text of a disagreement; the test output contains all of it. */
const mostCharacters = 200;

/** Replaces the rows of the cluster, including failed ones, and appends the run. */
export async function keepMatrixSection(cluster: string, command: string, runs: readonly CheckedRun[]): Promise<void> {
  const [commit, at] = [await readCommit(), new Date()];
  const origin = { cluster, command, commit, at: at.toISOString(), cores: availableParallelism() };
  const kept = (await readRows()).filter((row) => row.cluster !== cluster);
  const rows = [...kept, ...runs.map((run) => ({ ...origin, ...rowOf(run) }))];
  await mkdir(folder, { recursive: true });
  await writeFile(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await updateEvidencePage(page, {
    section: { heading: 'Results', body: renderClusters(rows) },
    attempt: { command, commit, at, outcome: outcomeOf(runs) },
  });
}

async function readRows(): Promise<WorkloadRow[]> {
  const lines = await readFile(data, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as WorkloadRow);
}

function rowOf({ name, run, faults }: CheckedRun): Pick<WorkloadRow, 'workload'> & Partial<WorkloadRow> {
  const disagreement = faults.join('; ').replaceAll(/\s+/g, ' ').slice(0, mostCharacters);
  const differs = faults.length === 0 ? {} : { disagreement };
  if (run === undefined) return { workload: name, ...differs };
  const { sent, acknowledged, groups, agreement } = run.ledger;
  return {
    workload: name,
    sent,
    acknowledged,
    groups: groups.length,
    received: [...new Set(groups.map((group) => group.received))],
    ...(agreement?.grown !== undefined && { logGrowth: agreement.grown }),
    ...differs,
  };
}

export function renderClusters(rows: readonly WorkloadRow[]): string {
  const clusters = [...new Set(rows.map(({ cluster }) => cluster))].toSorted();
  return [
    ...clusters.map((cluster) => {
      const its = rows.filter((row) => row.cluster === cluster);
      const messages = its.reduce((sum, { acknowledged = 0 }) => sum + acknowledged, 0);
      const differing = its.filter(({ disagreement }) => disagreement !== undefined).map(({ workload }) => workload);
      const differ = differing.length === 0 ? '' : `; counts differ in ${differing.join(', ')}`;
      return `- ${cluster}: ${its.length} workloads, ${count(messages)} messages${differ}`;
    }),
    '',
    'Each workload, with its date and commit: [loadgen-matrix/workloads.ndjson](../../evidence/loadgen-matrix/workloads.ndjson).',
  ].join('\n');
}

function outcomeOf(runs: readonly CheckedRun[]): string {
  const messages = runs.reduce((sum, { run }) => sum + (run?.ledger.acknowledged ?? 0), 0);
  const faults = faultsOf(runs);
  const result =
    faults.length === 0 ? 'all counts equal' : `counts differ: ${faults.join('; ').slice(0, mostCharacters)}`;
  return `${runs.length} workloads, ${count(messages)} messages, ${result}`;
}

const count = (value: number) => value.toLocaleString('en');
