import { expect, test } from 'vitest';
import { DomainsFile } from '../../../../../analyzer/planning/domains/domains-file.ts';
import { assumptionText } from '../../../../../core/documents/reasons/plan-assumptions.ts';
import { domainsOf } from '../../../../../analyzer/planning/domains/domains-of.ts';
import { requestsOf } from '../../../../../analyzer/planning/sizing/request.ts';
import { readDomainRules } from '../../../../../analyzer/planning/domains/rules.ts';

const demand = { peakTps: 1000, messageBytes: '1KiB', retention: '1d' };
const named = (domains: Record<string, object>, mostClusters = 8) =>
  domainsOf(
    DomainsFile.parse({
      domains: Object.fromEntries(Object.entries(domains).map(([name, own]) => [name, { demand, ...own }])),
    }),
    readDomainRules(),
    mostClusters,
  );
const only = (own: object) => named({ it: own }).domains[0]?.placement;

test('traits determine brokers and clusters unless the file does', () => {
  expect(only({ traits: ['core'] })).toMatchObject({ brokers: ['rocketmq'], clusters: { least: 1, most: 8 } });
  expect(only({ traits: ['logs'] })).toMatchObject({ brokers: ['kafka'], clusters: { least: 2 } });
  expect(only({ traits: ['delayed'] })?.brokers).toEqual(['rocketmq']);
  expect(only({})?.brokers).toEqual(['rocketmq', 'kafka']);
});

test('a critical domain survives the loss of a group, a best-effort domain not even the loss of a zone', () => {
  const three = { placement: { zones: 3 } };
  expect(only({ ...three, criticality: 'critical' })?.survive).toEqual({ brokers: 1, zones: 1, group: true });
  expect(only(three)?.survive).toEqual({ brokers: 1, zones: 1, group: false });
  expect(only({ ...three, criticality: 'best-effort' })?.survive.zones).toBe(0);
});

test('surviving the loss of a zone requires two zones or more', () => {
  const why = /set zones to 2 or more/;
  expect(() => only({ placement: { survives: 'zone' } })).toThrow(why);
  expect(() => only({ placement: { survive: { zones: 1 } } })).toThrow(why);
  expect(only({ placement: { survives: 'zone', zones: 3 } })?.survive.zones).toBe(1);
  expect(only({ placement: { survives: 'broker' } })?.survive.zones).toBe(0);
});

test('a globally ordered domain has exactly one cluster', () => {
  expect(only({ demand: { ...demand, order: 'global' } })?.clusters).toEqual({ least: 1, most: 1 });
});

test('a stated maximum for a shared cluster overrides a rule for several clusters, with a finding', () => {
  const ordered = named({ it: { traits: ['logs'], demand: { ...demand, order: 'global' } } });
  const together = named({
    access: { traits: ['logs'], placement: { cluster: 'shared' } },
    audit: { placement: { cluster: 'shared', clusters: { most: 1 } } },
  });
  for (const { domains, findings } of [ordered, together]) {
    const [request] = requestsOf(domains);
    expect(request?.clusters).toEqual({ least: 1, most: 1 });
    expect(findings.map(({ evidence }) => evidence[0]?.value)).toContain('logs-on-several-clusters');
  }
  const written = { traits: ['logs'], placement: { clusters: { least: 2 } } };
  expect(only(written)?.clusters).toEqual({ least: 2, most: 8 });
});

test('the policy overrides a rule for several clusters, for a separate and for a shared cluster', () => {
  const shared = { placement: { cluster: 'shared' } };
  const alone = named({ access: { traits: ['logs'] } }, 1);
  const together = named({ access: { traits: ['logs'], ...shared }, audit: shared }, 1);
  for (const { domains, findings } of [alone, together]) {
    expect(requestsOf(domains).map(({ clusters }) => clusters)).toEqual([{ least: 1, most: 1 }]);
    expect(findings.map(({ evidence }) => evidence[0]?.value)).toContain('logs-on-several-clusters');
  }
});

test('a rule that the file violates is reported with its source', () => {
  const { findings } = named({
    it: { traits: ['core'], placement: { brokers: ['kafka'] } },
    one: { traits: ['batch'], placement: { cluster: 'shared' } },
    two: { placement: { cluster: 'shared' } },
  });
  expect(findings.map(({ evidence }) => evidence[0]?.value)).toEqual(['core-on-rocketmq', 'batch-apart']);
  expect(findings[0]?.message).toContain('core domains are usually on RocketMQ');
  expect(findings[0]?.evidence[0]?.source).toContain('Ding Wei');
});

test('a missing average is the peak and a single figure gets an interval, with an assumption for each', () => {
  const { domains, assumptions } = named({ it: {} });
  expect(domains[0]?.demand.averageTps).toEqual({ low: 800, mid: 1000, high: 1200 });
  expect(assumptions.get('it')?.map(({ cause }) => assumptionText(cause, 'en'))).toEqual([
    'it: peakTps has no interval: ±20% is assumed',
    'it: messageBytes has no interval: ±20% is assumed',
    expect.stringContaining('averageTps is not given'),
  ]);
});
