import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import * as history from '../../support/cluster-history.ts';
import { madeLoad } from '../../support/made-history.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { servePlimsoll } from '../../support/served-plimsoll.ts';

const hour = 3600;
/** On the grid of the forecast. */
const now = Math.floor(Date.now() / 1000 / 300) * 300;
/** Extends into the future: a series that ends looks like falling load. */
const span = { from: now - 13 * hour, to: now + 900, scrapeSeconds: 15 };
const cluster = { ...span, brokers: 2, cores: 2 };
const days = 50;

function clusterHistory(): string {
  const kept = [
    ...history.nodeExporterHistory(cluster),
    ...history.jmxExporterHistory(cluster),
    ...history.kafkaExporterHistory(cluster),
  ];
  return history.openMetricsText(kept, span);
}

function loadHistory(): string {
  const lines = madeLoad('service', { days: days + 1, noise: 0.02 })
    .slice(0, days * 24)
    .map((tps, i) => `pay_load ${Math.round(tps)} ${now - (days * 24 - i) * hour}`);
  return `# TYPE pay_load gauge\n${lines.join('\n')}\n# EOF\n`;
}

const configOf = (urls: { orders: string; pay: string }) => `
clusters:
  orders: { broker: kafka, bootstrap: ['127.0.0.1:1'] }
  pay: { broker: kafka, bootstrap: ['127.0.0.1:1'] }
sources:
  production: { kind: prometheus, url: '${urls.orders}' }
  load: { kind: prometheus, url: '${urls.pay}' }
service:
  clusters:
    orders: { source: production, load: 'vector(4321)' }
    pay: { source: load, load: 'last_over_time(pay_load[1h])' }
  schedule: { window: 12h, history: ${days - 1}d, horizon: 1d }
`;

const valueOf = (page: string, series: string) => {
  const line = page.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};
const safeMax = 'plimsoll_safe_max_tps{cluster="orders",bound="estimate"}';
const peak = 'plimsoll_forecast_peak_tps{cluster="pay",bound="estimate"}';
const produced = 'plimsoll_now_produce_tps{cluster="orders"}';

const runs = () =>
  requires('prometheus', 'promtool').test(
    'a service with a Prometheus computes verdicts and forecasts, and keeps both when the Prometheus is gone',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-scheduled-'));
      await using resources = new AsyncDisposableStack();
      resources.defer(() => rm(folder, { recursive: true }));
      const words = ['--config', join(folder, 'plimsoll.yaml'), '--state-dir', join(folder, 'state')];
      const before = new Map<string, number | undefined>();
      {
        await using ofCluster = await startPrometheus({ job: 'none', scrapes: [], history: clusterHistory() });
        await using ofLoad = await startPrometheus({ job: 'none', scrapes: [], history: loadHistory() });
        await Promise.all([ofCluster.untilAnswered('vector(1)'), ofLoad.untilAnswered('vector(1)')]);
        await writeFile(join(folder, 'plimsoll.yaml'), configOf({ orders: ofCluster.url, pay: ofLoad.url }));
        await using service = await servePlimsoll(words);
        const page = await service.until('/metrics', (text) =>
          [safeMax, peak].every((series) => valueOf(text, series) !== undefined) ? text : undefined,
        );
        for (const series of [safeMax, peak]) before.set(series, valueOf(page, series));
        // Two of three messages are sent to a broker whose two cores may be busy for 70 % of their time.
        const byCores = (0.7 * cluster.cores * 1.5) / history.cpuSecondsPerMessage;
        expect((before.get(safeMax) ?? 0) / byCores).toBeGreaterThan(0.95);
        expect((before.get(safeMax) ?? 0) / byCores).toBeLessThan(1.02);
        expect(before.get(peak)).toBeGreaterThan(15_000);
        // No broker responds: the average of the monitoring system is not the current load.
        expect(page).not.toContain(produced);
        expect(page).not.toContain('plimsoll_headroom_ratio{');
        expect(page).toMatch(/plimsoll_binding_probability\{cluster="orders",resource="cpu",node="[^"]+"\}/);
        await service.kill();
      }
      await using service = await servePlimsoll(words);
      const page = await service.until('/metrics', (text) =>
        text.includes('plimsoll_job_success{task="load",cluster="orders"} 0') ? text : undefined,
      );
      for (const series of [safeMax, peak]) expect(valueOf(page, series)).toBe(before.get(series));
      expect(page).not.toContain('plimsoll_headroom_ratio{');
      // Verdicts and forecasts of the last hour are not repeated.
      expect(page).not.toMatch(/plimsoll_job_success\{task="analysis",cluster="orders"/);
      expect(page).not.toMatch(/plimsoll_job_success\{task="forecast",cluster="pay"/);
    },
  );

if (fullMatrix) runs();
