import { describe, expect, test } from 'vitest';
import type { ClusterSettings } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import { goCase, measured, proven, recordedRun } from '../../../../support/go-case.ts';
import { changed, codesOf, decisionOf, reaching, reasonOf } from '../../../../support/go-decisions.ts';

const withoutKey = (key: string): ClusterSettings[] =>
  goCase.settings.map((each) => ({
    ...each,
    fingerprint: Object.fromEntries(Object.entries(each.fingerprint).filter(([name]) => !name.startsWith(key))),
  }));

describe('drift', () => {
  test('names the changed settings', () => {
    expect(reasonOf(reaching.drifted, 'drifted')?.subjects).toEqual(['broker.settings.num.io.threads 8 → 4']);
    expect(codesOf({ settings: changed({ 'jvm.2.flags': '-Xmx4g' }) })).toEqual(['drifted']);
    expect(codesOf({ settings: changed({ 'hosts.host-1.eth0.speed': '1 Gbit/s' }) })).toEqual(['drifted']);
    expect(codesOf({ settings: changed({ 'broker.settings.background.threads': '20' }) })).toEqual(['drifted']);
  });

  test('names missing settings and the number of omitted settings in Chinese', () => {
    const added = Array.from({ length: 14 }, (_, index) => [`broker.settings.added${index}`, '1'] as const);
    const text = reasonText(reasonOf({ settings: changed(Object.fromEntries(added)) }, 'drifted') as Reason, 'zh');
    expect(text).toContain('broker.settings.added0（未设置）→ 1、');
    expect(text).toContain('、另有 2 项。');
    const unread = reasonText(reasonOf({ settings: withoutKey('jvm.') }, 'drift-unknown') as Reason, 'zh');
    expect(unread).toContain('当前的 JVM 配置');
  });

  test('ignores disk sizes that only the current settings contain', () => {
    expect(codesOf({ settings: changed({ 'hosts.host-1.nvme0n1.bytes': '2000000000000' }) })).toEqual(['proven']);
  });

  test('ignores hosts that the test did not read and no broker of it has', () => {
    expect(
      codesOf({ settings: changed({ 'hosts.rack-2.example.cores': '8', 'hosts.rack-2.example.os': 'Debian' }) }),
    ).toEqual(['proven']);
    expect(codesOf({ settings: changed({ 'hosts.host-1.cores': '99' }) })).toEqual(['drifted']);
  });

  test('names the new machine of a broker', () => {
    const settings = withoutKey('hosts.host-3').map((each) => ({
      ...each,
      fingerprint: { ...each.fingerprint, 'hosts.host-9.cores': '4' },
    }));
    expect(reasonOf({ settings }, 'drifted')?.subjects).toEqual(['hosts.host-9.cores (not set) → 4']);
  });

  test('ignores settings of the load generator, its topics and its clients', () => {
    expect(codesOf({ settings: changed({ 'client.acks': 'none', 'topic.partitions': '1' }) })).toEqual(['proven']);
  });

  test.each(['broker.settings', 'jvm.2', 'hosts.host-3', 'broker.version'])('is unknown without %s', (key) => {
    expect(codesOf({ settings: withoutKey(key) })).toEqual(['drift-unknown']);
  });

  test('is unknown while a broker is down, whose settings cannot be read', () => {
    const isOfBroker2 = (key: string) => /@2$|^jvm\.2\.|^hosts\.host-2\./.test(key);
    const settings = changed({ 'broker.settings.of': '1, 3' }).map((each) => ({
      ...each,
      fingerprint: Object.fromEntries(Object.entries(each.fingerprint).filter(([key]) => !isOfBroker2(key))),
    }));
    expect(reasonOf({ settings }, 'drift-unknown')?.missing).toContainEqual({
      what: 'current-setting',
      of: 'broker settings',
    });
    expect(codesOf({ settings })).toEqual(['drift-unknown']);
  });

  test('is unknown with settings from before the test, or older than a day', () => {
    const at = (moment: string) => goCase.settings.map((each) => ({ ...each, at: moment }));
    expect(codesOf({ settings: at('2025-12-31T00:00:00Z') })).toEqual(['drift-unknown']);
    expect(codesOf({ settings: at('2026-01-01T12:00:00Z'), asOf: '2026-01-05' })).toEqual(['drift-unknown']);
  });

  test('settings read less than a day before a report made after midnight in Shanghai are current', () => {
    const settings = goCase.settings.map((each) => ({ ...each, at: '2026-01-01T20:00:00Z' }));
    // 00:30 on January 3 in Shanghai, 20.5 h later.
    expect(codesOf({ settings, asOf: '2026-01-03' })).toEqual(['proven']);
  });

  test('is unknown with settings dated after the report, and names both times', () => {
    const settings = goCase.settings.map((each) => ({ ...each, at: '2026-01-05T06:00:00Z' }));
    expect(reasonOf({ settings }, 'drift-unknown')?.missing).toEqual([
      { what: 'current-settings-in-future', of: '2026-01-02', in: '2026-01-05 06:00 UTC' },
    ]);
    expect(codesOf({ settings: [...goCase.settings, ...settings] })).toEqual(['drift-unknown']);
  });

  test('is unknown with settings of another cluster', () => {
    const settings = goCase.settings.map((each) => ({ ...each, cluster: 'payments' }));
    expect(reasonOf({ settings }, 'drift-unknown')?.missing).toEqual([
      { what: 'other-cluster', of: 'lab', in: 'payments' },
    ]);
  });

  test('of production evidence is judged against settings that were read before it ended', () => {
    const { fingerprint: _, ...analysis } = proven.analysis;
    const run = { ...analysis.run, origin: 'production' as const };
    const production = { analysis: { ...analysis, run }, source: 'analysis orders' };
    expect(codesOf({ measured: [production] })).toEqual(['drift-unknown']);
    const [now] = goCase.settings as [ClusterSettings];
    const then = { ...now, at: '2025-12-31T00:00:00.000Z' };
    expect(decisionOf({ measured: [production], settings: [then, now] }).proof?.origin).toBe('natural-peak');
    expect(codesOf({ measured: [production], settings: [then, now] })).toEqual(['proven']);
    const changedSince = changed({ 'jvm.1.flags': '-Xmx2g' });
    expect(codesOf({ measured: [production], settings: [then, ...changedSince] })).toEqual(['drifted']);
  });

  test('is unknown for a run that recorded no settings', () => {
    const run = recordedRun();
    const { settings: _, ...document } = run.document;
    expect(reasonOf({ measured: [measured({ ...run, document })] }, 'drift-unknown')?.missing).toContainEqual({
      what: 'broker-settings',
      of: 'broker 1',
      in: 'analysis orders',
    });
  });
});
