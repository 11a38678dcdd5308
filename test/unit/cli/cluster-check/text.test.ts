import { expect, test } from 'vitest';
import { clusterCheckText } from '../../../../cli/commands/cluster-check.ts';
import type { ClusterCheckReport } from '../../../../core/documents/cluster-check-report.ts';
import { readRules } from '../../../../ops/cluster-check/rules.ts';

test('no rule prints Chinese in the terminal', () => {
  const findings = readRules().map((rule) => ({
    ...rule,
    rule: rule.id,
    on: 'broker',
    subject: 'broker-a:0',
    found: 'false',
    where: 'broker broker-a:0',
    wanted: 'true',
    severity: 'critical',
  }));
  const counts = { rules: 1, kept: 0, critical: 1, warning: 0, info: 0, waived: 0, notApplicable: 0, unread: 0 };
  const report = {
    cluster: 'orders',
    read: { hosts: [], brokers: [], topics: 0, groups: 0 },
    counts,
    findings,
    notApplicable: [],
    unread: [],
    waivers: { expired: [], unused: [] },
  } as unknown as ClusterCheckReport;
  const text = clusterCheckText(report, { all: true, colours: false });
  expect(text).toContain('RocketMQ in Practice 2');
  expect(text.match(/.*\p{Script=Han}.*/u)).toBeNull();
});

test('the first line uses the singular for one warning and one note', () => {
  const counts = { rules: 2, kept: 3, critical: 0, warning: 1, info: 1, waived: 0, notApplicable: 0, unread: 0 };
  const read = { hosts: ['kafka-1'], brokers: ['1', '2'], topics: 0, groups: 0 };
  const nothing = { findings: [], notApplicable: [], unread: [], waivers: { expired: [], unused: [] } };
  const report = { cluster: 'orders', read, counts, ...nothing } as unknown as ClusterCheckReport;
  expect(clusterCheckText(report, { all: true, colours: false })).toContain(
    'orders: 0 critical, 1 warning, 1 note, 0 waived; 3 passed, 0 not applicable, 0 could not be checked (1 host, 2 brokers, 0 topics)',
  );
});
