// What has one cluster of the load generator's matrix shown? Its section of docs/loadgen-matrix.md, a row for each workload.

import { availableParallelism } from 'node:os';
import { readCommit, updateEvidencePage } from '../../tools/evidence-page.ts';
import { faultsOf, type CheckedRun } from './matrix-run.ts';

const page = 'docs/loadgen-matrix.md';

/** Writes the section, and appends to the attempts; one that failed is written too. */
export async function keepMatrixSection(cluster: string, command: string, runs: readonly CheckedRun[]): Promise<void> {
  const [commit, at] = [await readCommit(), new Date()];
  const made = `Driven by \`${command}\` at ${commit} on ${at.toISOString()}, ${availableParallelism()} cores.`;
  await updateEvidencePage(page, {
    section: { heading: cluster, body: `${made}\n\n${renderRuns(runs)}` },
    attempt: { command, commit, at, outcome: outcomeOf(runs) },
  });
}

/** Of the words of a fault; all of them are in the output of the test. */
const mostWords = 200;

const count = (value: number) => value.toLocaleString('en');

export function renderRuns(runs: readonly CheckedRun[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['workload', 'sent', 'acknowledged', 'received by each group', 'log by the broker', 'by its tool']),
    line(['---', '---:', '---:', '---:', '---:', '---']),
    ...runs.map(({ name, run, faults }) => {
      const told =
        faults.length === 0
          ? 'the same'
          : faults
              .join('; ')
              .replaceAll(/[\s|]+/g, ' ')
              .slice(0, mostWords);
      if (run === undefined) return line([name, '', '', '', '', told]);
      const { sent, acknowledged, groups, agreement } = run.ledger;
      const received = [...new Set(groups.map((group) => count(group.received)))].join(', ');
      const grown = agreement?.grown === undefined ? '' : count(agreement.grown);
      return line([name, count(sent), count(acknowledged), `${groups.length} × ${received}`, grown, told]);
    }),
  ].join('\n');
}

function outcomeOf(runs: readonly CheckedRun[]): string {
  const messages = runs.reduce((sum, { run }) => sum + (run?.ledger.acknowledged ?? 0), 0);
  const faults = faultsOf(runs);
  const said = faults.length === 0 ? 'every number the same' : `not the same: ${faults.join('; ').slice(0, mostWords)}`;
  return `${runs.length} workloads, ${count(messages)} messages, ${said}`;
}
