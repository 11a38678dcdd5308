// Reviews a promotion with loads and alerts from a real Prometheus.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeReport } from '../../../analyzer/review/capacity-report/make-report.ts';
import { inputs } from '../../support/capacity-report-inputs.ts';
import { requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { runWords } from '../../support/run-words.ts';

/** Whole minutes: recent enough not to be deleted, and older than the block in progress. */
const start = Math.floor(Date.now() / 60_000) * 60 - 6 * 3600;

/** Three hours: the load exceeds the safe maximum of 25,000 after an hour, for an hour; the page alert starts 10 minutes before. */
function history(): string {
  const minutes = Array.from({ length: 180 }, (_, minute) => minute);
  const at = (minute: number) => start + 60 * minute;
  const load = minutes.map((minute) => `load_tps ${minute >= 60 && minute < 120 ? 40_000 : 20_000} ${at(minute)}`);
  const alert =
    'ALERTS{alertname="ClusterAboveSafeMax",alertstate="firing",severity="critical",scope="capacity",domain="orders"}';
  const alerts = minutes.filter((minute) => minute >= 50 && minute < 120).map((minute) => `${alert} 1 ${at(minute)}`);
  return ['# TYPE load_tps gauge', ...load, '# TYPE ALERTS gauge', ...alerts, '# EOF', ''].join('\n');
}

requires('prometheus', 'promtool').test(
  'review reads load and alerts of a promotion from Prometheus',
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-review-'));
    await using prometheus = await startPrometheus({ job: 'none', scrapes: [], history: history() });
    const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
    const promotion = { name: 'Sale', from: day(start), to: day(start + 3 * 3600) };
    const file = join(folder.path, 'report.json');
    await writeFile(file, JSON.stringify(makeReport({ ...inputs, promotion })));
    const source = ['--prometheus', prometheus.url, '--load', 'orders=sum(load_tps)'];
    const words = ['--promotion', 'Sale', '--report', file, '--json', ...source];
    const { exitCode, stdout, stderr } = await runWords('review', ...words);
    expect([exitCode, stderr]).toEqual([0, '']);
    const { domains, alerts } = JSON.parse(stdout);
    const orders = domains.find(({ domain }: { domain: string }) => domain === 'orders');
    expect(orders.forecast).toMatchObject({ actualTps: 40_000, held: true });
    expect(alerts).toMatchObject({ pages: 1, caught: 1, missed: 0, falsePages: [] });
    expect(alerts.episodes[0]).toMatchObject({ pagedBy: 'ClusterAboveSafeMax', what: 'above-safe-maximum' });
    // Each is visible in the minute after its sample, and an alert lasts until five minutes without a sample.
    expect(alerts.episodes[0].leadSeconds).toBeGreaterThan(480);
    expect(alerts.episodes[0].leadSeconds).toBeLessThan(720);
  },
  60_000,
);
