// Parses `npm audit`; a registry without an audit endpoint is not a failure.

import { z } from 'zod';
import { parseJson } from '../../core/text/parse-json.ts';

const severities = ['info', 'low', 'moderate', 'high', 'critical'] as const;

/** Output of `npm audit --json`: a report, or the reason why there is none. */
const Answer = z.union([
  z.object({
    auditReportVersion: z.literal(2),
    vulnerabilities: z.record(
      z.string(),
      z.object({ name: z.string(), severity: z.enum(severities), range: z.string() }),
    ),
  }),
  z.object({ message: z.string() }),
]);

type Advisories =
  | { kind: 'none' }
  | { kind: 'known'; isGrave: boolean; packages: readonly string[] }
  | { kind: 'unanswered'; reason: string };

/** @param printed standard output of `npm audit --json`, whatever its exit code */
export function readAdvisories(printed: string): Advisories {
  const answer = Answer.safeParse(parseJson(printed)).data;
  if (answer === undefined) return { kind: 'unanswered', reason: 'npm printed no report' };
  if (!('auditReportVersion' in answer)) return { kind: 'unanswered', reason: answer.message };
  const found = Object.values(answer.vulnerabilities).toSorted(
    (a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity) || (a.name < b.name ? -1 : 1),
  );
  if (found.length === 0) return { kind: 'none' };
  return {
    kind: 'known',
    isGrave: found.some(({ severity }) => severity === 'high' || severity === 'critical'),
    packages: found.map(({ name, range, severity }) => `${name} ${range}: ${severity}`),
  };
}

export function renderAdvisories(advisories: Advisories): string {
  switch (advisories.kind) {
    case 'none':
      return 'no known vulnerabilities in the runtime dependencies\n';
    case 'known':
      return `${['known vulnerabilities:', ...advisories.packages].join('\n  ')}\n`;
    case 'unanswered':
      return `the registry does not report known vulnerabilities: ${advisories.reason}\nto check with another registry: npm audit --omit=dev --registry URL\n`;
  }
}
