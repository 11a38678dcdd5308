import { expect, test } from 'vitest';
import { readAdvisories, renderAdvisories } from '../../../tools/packaging/advisories.ts';

const report = (...found: readonly { name: string; severity: string }[]) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(found.map((each) => [each.name, { ...each, range: '<2.0.0', via: [] }])),
    metadata: {},
  });

test('a registry that refuses the question leaves it open, and is no fault', () => {
  // As npm 11 prints it where the registry takes no audits.
  const refused = JSON.stringify({
    message: '405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk',
    method: 'POST',
    statusCode: 405,
    error: { summary: '', detail: '' },
  });
  const advisories = readAdvisories(refused);
  expect(advisories).toMatchObject({ kind: 'unanswered', reason: expect.stringContaining('405 Method Not Allowed') });
  expect(renderAdvisories(advisories)).toMatch(/does not say whether faults are known: 405 .*\n.*--registry URL/);
});

test('so does one that prints nothing that can be read', () => {
  for (const printed of ['', 'npm error', '[]', '{}']) {
    expect(readAdvisories(printed)).toEqual({ kind: 'unanswered', reason: 'npm printed no report' });
  }
});

test('a report without faults says that there are none', () =>
  expect(readAdvisories(report())).toEqual({ kind: 'none' }));

test('faults are listed, the gravest first, and the grave ones count', () => {
  const some = readAdvisories(report({ name: 'b', severity: 'low' }, { name: 'a', severity: 'moderate' }));
  expect(some).toEqual({ kind: 'known', isGrave: false, packages: ['a <2.0.0: moderate', 'b <2.0.0: low'] });
  expect(readAdvisories(report({ name: 'a', severity: 'high' }))).toMatchObject({ kind: 'known', isGrave: true });
  expect(renderAdvisories(some)).toBe('faults are known of\n  a <2.0.0: moderate\n  b <2.0.0: low\n');
});
