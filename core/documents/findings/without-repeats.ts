// Keeps one of the findings that say the same.

import type { Finding } from '../analysis.ts';

export function withoutRepeats(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}
