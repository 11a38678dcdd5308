// Orders the severities of findings and faults.

/** Most severe first. */
export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

export const bySeverity = (one: { severity: Severity }, other: { severity: Severity }) =>
  severities.indexOf(one.severity) - severities.indexOf(other.severity);
