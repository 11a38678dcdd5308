// What is to be said of files that were joined, beside what each says of itself?

import type { Finding } from '../../../../core/documents/analysis.ts';
import type { JoinedHosts } from './joined-hosts.ts';
import { labelOf, type JoinedSteps } from './joined-steps.ts';
import { lengthOf, type JoinedClock } from './load-clock.ts';

export function joinedFindings(clock: JoinedClock, joined: JoinedSteps, seen: JoinedHosts): Finding[] {
  const findings: Finding[] = [];
  const notes = clock.loads.flatMap((placed) =>
    (placed.load.notes ?? []).map((note) => `${labelOf(placed)}: ${note}.`),
  );
  if (notes.length > 0)
    findings.push({ severity: 'info', code: 'read-from-files', message: [...new Set(notes)].join('\n'), evidence: [] });
  if (seen.hosts.size === 0) {
    findings.push({
      severity: 'warning',
      code: 'no-telemetry',
      message:
        'No reading of a machine is beside these figures: whether CPU, disk or network were near their limits is not seen, and no maximum can be named. Name the output of sar, iostat or vmstat of the brokers, too.',
      evidence: [],
    });
  }
  if (joined.edges > 0) {
    findings.push({
      severity: 'info',
      code: 'between-steps',
      message: `${joined.edges === 1 ? 'One window' : `${joined.edges} windows`} between levels of the rate ${joined.edges === 1 ? 'is' : 'are'} of no step: the rate changed there.`,
      evidence: [{ name: 'windows', value: joined.edges, unit: 'windows', source: 'rates of the load' }],
    });
  }
  if (joined.brokeOffAt !== undefined) {
    findings.push({
      severity: 'critical',
      code: 'load-broke-off',
      message: `From ${Math.round(joined.brokeOffAt)} s on next to nothing was sent although the test went on: cluster or client had stopped, and these figures do not tell which.`,
      evidence: [{ name: 'broke off', value: joined.brokeOffAt, unit: 's', source: 'rates of the load' }],
    });
  }
  if (joined.steps.length === 0 && clock.loads.every(({ load }) => load.produced.length === 0)) {
    findings.push({
      severity: 'warning',
      code: 'nothing-produced',
      message: `${clock.loads.map(labelOf).join(', ')}: these figures are of consumers alone, ${Math.round(Math.max(...clock.loads.map(({ load }) => lengthOf(load))))} s long. The produced rate is unknown; add the output of the producer.`,
      evidence: [],
    });
  }
  return findings;
}
