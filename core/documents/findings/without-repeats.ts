// Removes findings that repeat another.

import type { Finding } from '../analysis.ts';

export function withoutRepeats(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}
