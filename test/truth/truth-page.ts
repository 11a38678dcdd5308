// How is it kept in docs/truth.md what was found true? A section for each kind of evidence, written by the full matrix.

import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readCommit, updateEvidencePage } from '../../tools/evidence-page.ts';

const page = fileURLToPath(new URL('../../docs/truth.md', import.meta.url));

export interface TruthRow {
  name: string;
  runs: number;
  hits: number;
  medianError: number;
  largestError: number;
  medianWidth: number;
}

type Judged = { truth: number; estimateTps: number; interval: { low: number; high?: number | undefined } };

export function truthRow(name: string, judged: readonly Judged[]): TruthRow {
  const sorted = (value: (one: Judged) => number) => judged.map(value).sort((a, b) => a - b);
  const errors = sorted(({ truth, estimateTps }) => Math.abs(estimateTps / truth - 1));
  const widths = sorted(
    ({ estimateTps, interval: { low, high = Number.POSITIVE_INFINITY } }) => (high - low) / estimateTps,
  );
  const middle = judged.length >> 1;
  return {
    name,
    runs: judged.length,
    hits: judged.filter(
      ({ truth, interval: { low, high = Number.POSITIVE_INFINITY } }) => low <= truth && truth <= high,
    ).length,
    medianError: errors[middle] ?? 0,
    largestError: errors.at(-1) ?? 0,
    medianWidth: widths[middle] ?? 0,
  };
}

export async function writeTruth(rows: readonly TruthRow[]): Promise<void> {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  const cells = rows.map(({ name, runs, hits, medianError, largestError, medianWidth }) =>
    [
      name,
      runs,
      `${hits} (${percent(hits / runs)})`,
      percent(medianError),
      percent(largestError),
      percent(medianWidth),
    ].join(' | '),
  );
  await writeTruthSection({
    heading: 'Simulated clusters',
    says: [
      'Simulated clusters whose limits are known exactly (test/truth/synthetic-cluster.ts), driven in five steps to 60 or 70 % of the',
      'limit and judged by `plimsoll analyze --json`.',
    ],
    table: [
      '| cluster | runs | 95 % interval holds the limit | median error | largest error | median width of the interval |',
      '| --- | ---: | ---: | ---: | ---: | ---: |',
      ...cells.map((row) => `| ${row} |`),
    ],
    outcome: rows.map(({ name, runs, hits }) => `${name}: ${hits} of ${runs} intervals hold the limit`).join('; '),
  });
}

export interface TruthSection {
  /** Names the section; the section of this heading is replaced, and no other. */
  heading: string;
  /** Lines above the table: what was done, and how the columns are to be read. */
  says: readonly string[];
  /** Lines of a Markdown table. */
  table: readonly string[];
  /** Line of figures for the list of attempts. */
  outcome: string;
}

/** Replaces one section of docs/truth.md and appends the attempt. */
export async function writeTruthSection({ heading, says, table, outcome }: TruthSection): Promise<void> {
  const command = 'npm run test:full';
  const commit = await readCommit();
  const at = new Date();
  const made = `Made by \`${command}\` at ${commit} on ${at.toISOString()} (${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}); not edited by hand.`;
  const body = [...says, made, '', ...table].join('\n');
  await updateEvidencePage(page, { section: { heading, body }, attempt: { command, commit, at, outcome } });
}
