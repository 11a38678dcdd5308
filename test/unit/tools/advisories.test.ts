import { expect, test } from 'vitest';
import { readAdvisories, renderAdvisories } from '../../../tools/packaging/advisories.ts';

const report = (...found: readonly { name: string; severity: string }[]) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(found.map((each) => [each.name, { ...each, range: '<2.0.0', via: [] }])),
    metadata: {},
  });

test('a registry that rejects the audit request leaves the advisories unknown', () => {
  // Output of npm 11 for a registry without audits.
  const refused = JSON.stringify({
    message: '405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk',
    method: 'POST',
    statusCode: 405,
    error: { summary: '', detail: '' },
  });
  const advisories = readAdvisories(refused);
  expect(advisories).toMatchObject({ kind: 'unanswered', reason: expect.stringContaining('405 Method Not Allowed') });
  expect(renderAdvisories(advisories)).toMatch(/does not report known vulnerabilities: 405 .*\n.*--registry URL/);
});

test('unreadable npm output leaves the advisories unknown', () => {
  for (const printed of ['', 'npm error', '[]', '{}']) {
    expect(readAdvisories(printed)).toEqual({ kind: 'unanswered', reason: 'npm printed no report' });
  }
});

test('a report without advisories reports none', () => expect(readAdvisories(report())).toEqual({ kind: 'none' }));

test('advisories are listed by severity, and severe ones count as grave', () => {
  const some = readAdvisories(report({ name: 'b', severity: 'low' }, { name: 'a', severity: 'moderate' }));
  expect(some).toEqual({ kind: 'known', isGrave: false, packages: ['a <2.0.0: moderate', 'b <2.0.0: low'] });
  expect(readAdvisories(report({ name: 'a', severity: 'high' }))).toMatchObject({ kind: 'known', isGrave: true });
  expect(renderAdvisories(some)).toBe('known vulnerabilities:\n  a <2.0.0: moderate\n  b <2.0.0: low\n');
});
