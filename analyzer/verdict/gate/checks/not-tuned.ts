// Checks whether the cluster was configured as its makers recommend; else the figure is that of a default.

import type { Finding } from '../../../../core/documents/analysis.ts';
import type { PreflightFinding, PreflightReport } from '../../../../core/documents/cluster-check-report.ts';
import type { Check } from '../check.ts';

const mostNamed = 8;

export const notTuned = {
  asks: 'did the cluster check before the run have critical findings or warnings that were not waived?',

  check({ run: { document } }) {
    const { preflight } = document;
    if (preflight === undefined) return [];
    const { critical, warning } = preflight.counts;
    return critical + warning === 0 ? [] : [{ consequence: { kind: 'warned' }, finding: findingOf(preflight) }];
  },
} satisfies Check;

function findingOf({ counts: { critical, warning }, findings }: PreflightReport): Finding {
  const standing = findings.filter(({ waiver, severity }) => waiver === undefined && severity !== 'info');
  const rules = [...new Set(standing.map(({ rule }) => rule))];
  const named = rules.slice(0, mostNamed).join(', ');
  const more = rules.length > mostNamed ? ` and ${rules.length - mostNamed} more` : '';
  return {
    severity: critical > 0 ? 'warning' : 'info',
    code: 'not-tuned',
    message: `The cluster was not tuned when it was measured: the cluster check had ${critical} critical findings and ${warning} warnings (${named}${more}). The figures hold for this state of the cluster; tuned, its maximum may differ. \`plimsoll cluster check\` shows the fixes.`,
    evidence: standing.flatMap(evidenceOf).slice(0, mostNamed),
  };
}

/** Words are in run.json; an evidence is a figure. */
function evidenceOf({ rule, subject, found, where }: PreflightFinding): Finding['evidence'] {
  return typeof found === 'number' ? [{ name: `${rule} of ${subject}`, value: found, unit: '', source: where }] : [];
}
