// Checks that the cluster followed the recommendations of its cluster check when it was measured.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Finding } from '../../../../core/documents/analysis.ts';
import type { ClusterCheckFinding, ClusterCheckReport } from '../../../../core/documents/cluster-check-report.ts';
import { warned, type Check } from '../check.ts';

export const notTuned: Check = ({ run: { document } }) => {
  const { preflight } = document;
  if (preflight === undefined) return [];
  const { critical, warning } = preflight.counts;
  return critical + warning === 0 ? [] : [warned(notTunedFinding(preflight))];
};

function notTunedFinding({ counts: { critical, warning }, findings }: ClusterCheckReport): Finding {
  const standing = findings.filter(({ waiver, severity }) => waiver === undefined && severity !== 'info');
  const rules = [...new Set(standing.map(({ rule }) => rule))];
  return findingOf('not-tuned', { critical, warnings: warning, rules, evidence: standing.flatMap(evidenceOf) });
}

/** Texts are in run.json; evidence must be a number. */
function evidenceOf({ rule, subject, found, where }: ClusterCheckFinding): Finding['evidence'] {
  return typeof found === 'number' ? [{ name: `${rule} of ${subject}`, value: found, unit: '', source: where }] : [];
}
