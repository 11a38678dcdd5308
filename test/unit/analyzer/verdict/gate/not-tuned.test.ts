import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import type { ClusterCheckFinding, ClusterCheckReport } from '../../../../../core/documents/cluster-check-report.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const finding = (over: Partial<ClusterCheckFinding>): ClusterCheckFinding => ({
  rule: 'os-swappiness',
  area: 'os',
  severity: 'warning',
  on: 'host',
  subject: 'broker-1',
  fact: 'sysctl/vm.swappiness',
  found: 60,
  where: 'host broker-1, sysctl vm.swappiness',
  wanted: 'at most 10',
  reason: 'swaps',
  sources: [{ document: 'os.sh', says: '1' }],
  fix: 'sysctl -w vm.swappiness=1',
  ...over,
});

function preflight(findings: ClusterCheckFinding[]): ClusterCheckReport {
  const countOf = (severity: ClusterCheckFinding['severity']) =>
    findings.filter((each) => each.severity === severity && each.waiver === undefined).length;
  return {
    schemaVersion: 1,
    cluster: 'orders',
    broker: 'kafka',
    at: '2026-11-20T23:00:00.000Z',
    read: { hosts: ['broker-1'], brokers: ['1'], topics: 0, groups: 0 },
    counts: {
      rules: 98,
      kept: 50,
      critical: countOf('critical'),
      warning: countOf('warning'),
      info: countOf('info'),
      waived: 0,
      notApplicable: 0,
      unread: 0,
    },
    findings,
    notApplicable: [],
    unread: [],
    waivers: { expired: [], unused: [] },
    notices: [],
  };
}

function stamped(...findings: ClusterCheckFinding[]) {
  const run = plainRun();
  const bare = analyzeRun(run, policy);
  const analysis = analyzeRun({ ...run, document: { ...run.document, preflight: preflight(findings) } }, policy);
  expect(analysis.safeMaxTps).toEqual(bare.safeMaxTps);
  return analysis.findings.find(({ code }) => code === 'not-tuned');
}

test('failed cluster checks add a not-tuned finding that lists them, and the figures stay', () => {
  const told = stamped(finding({}), finding({ rule: 'kafka-unclean-election', severity: 'critical', found: 'true' }));
  expect(told).toMatchObject({ severity: 'warning' });
  expect(told?.message).toContain('1 critical, 1 warning (os-swappiness, kafka-unclean-election)');
  expect(told?.evidence).toMatchObject([{ name: 'os-swappiness of broker-1', value: 60 }]);
});

test('warnings alone are reported as info', () => expect(stamped(finding({}))?.severity).toBe('info'));

test('waived findings and findings of severity info are not reported', () =>
  expect(stamped(finding({ waiver: { reason: 'old' } }), finding({ severity: 'info' }))).toBeUndefined());

test('a run without a stored cluster check has no not-tuned finding', () =>
  expect(analyzeRun(plainRun(), policy).findings.map(({ code }) => code)).not.toContain('not-tuned'));
