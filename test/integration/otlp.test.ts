// Pushes a page of metrics to a real OTLP receiver and compares every value.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { createLogger } from '../../core/log.ts';
import { readSamples } from '../../core/text/prometheus-text.ts';
import { createFamilies } from '../../exporter/exposition/families.ts';
import { OtlpConfig } from '../../exporter/otlp/config.ts';
import { createOtlpCounts, createOtlpPush } from '../../exporter/otlp/push.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startVictoriaMetrics } from '../support/victoria-metrics.ts';

/** Formats name and labels in a fixed order; an empty label is omitted. */
const keyOf = (name: string, labels: Readonly<Record<string, string>>) =>
  JSON.stringify([
    name,
    Object.entries(labels)
      .filter(([, value]) => value !== '')
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);

/** Makes a page with the families of a text. */
function pageOf(text: string) {
  const families = createFamilies();
  for (const family of text.split(/^(?=# HELP )/m)) {
    const [, name = '', help = '', type = '', lines = ''] =
      /^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)\n(.*)$/s.exec(family) ?? [];
    families.add({ [name]: { type, help } }, new Map([[name, [Buffer.from(lines)]]]));
  }
  return families;
}

// Building VictoriaMetrics takes two minutes the first time.
if (fullMatrix) {
  requires('go').describe('OTLP', () => {
    test('VictoriaMetrics receives every value of a page with the time of its reading', async () => {
      await using receiver = await startVictoriaMetrics('');
      const golden = await readFile(fileURLToPath(new URL('../golden/metrics.prom', import.meta.url)), 'utf8');
      const histogram =
        '# HELP h_seconds Hist.\n# TYPE h_seconds histogram\nh_seconds_bucket{le="0.1"} 1\nh_seconds_bucket{le="+Inf"} 4\nh_seconds_sum 7.5\nh_seconds_count 4\n';
      const text = `${golden}${histogram}`;
      const counts = createOtlpCounts();
      // As in docs/explanation/exporter.md for VictoriaMetrics, which does not derive `job` and `instance` from attributes.
      const attributes = { job: 'plimsoll', instance: 'ops-1', 'service.instance.id': '' };
      const config = OtlpConfig.parse({ url: `${receiver.url}/opentelemetry/v1/metrics`, every: '3600s', attributes });
      const page = { render: async () => pageOf(text) };
      const before = Date.now();
      {
        const how = { page, counts, instance: 'ops-1:18761', clock: systemClock, log: createLogger('silent') };
        await using push = createOtlpPush(config, how);
        push.start();
        const outcomes = async () => (await counts.families()).lines.get('plimsoll_otlp_requests_total')?.toString();
        const want = Math.ceil(golden.split('\n').length / 2000);
        await expect.poll(outcomes, { timeout: 20_000 }).toMatch(new RegExp(`accepted"} [${want}-9]`));
        await expect
          .poll(async () => (await counts.families()).lines.get('plimsoll_otlp_queue_bytes')?.toString(), {
            timeout: 20_000,
          })
          .toContain(' 0\n');
        expect(await outcomes()).toMatch(/refused"} 0\n/);
      }
      const expected = new Map(
        [...readSamples(text)].map(({ metric, labels, value }) => [keyOf(metric, labels), value]),
      );
      const query = new URLSearchParams({ 'match[]': '{__name__!=""}' });
      // Accepted samples become visible a moment later, some before others.
      const exported = await vi.waitUntil(
        async () => {
          await fetch(`${receiver.url}/internal/force_flush`);
          const answer = await fetch(`${receiver.url}/api/v1/export?${query.toString()}`);
          const lines = (await answer.text()).trim().split('\n');
          return lines.length >= expected.size && lines;
        },
        { timeout: 20_000, interval: 200 },
      );
      const received = new Map<string, number>();
      const times = new Set<number>();
      for (const line of exported) {
        const { metric, values, timestamps } = JSON.parse(line) as {
          metric: Record<string, string>;
          values: number[];
          timestamps: number[];
        };
        const { __name__: name = '', 'service.name': service, job, instance, ...labels } = metric;
        expect([service, job, instance]).toEqual(['plimsoll', 'plimsoll', 'ops-1']);
        expect(labels).not.toHaveProperty(['service.instance.id']);
        received.set(keyOf(name, labels), values[0] ?? Number.NaN);
        for (const time of timestamps) times.add(time);
      }
      expect(received.size).toBe(expected.size);
      // VictoriaMetrics keeps 15 to 16 digits.
      for (const [key, value] of expected) {
        const error = Math.abs((received.get(key) ?? Number.NaN) - value);
        expect(error, key).toBeLessThanOrEqual(5e-15 * Math.abs(value));
      }
      expect(times.size).toBe(1);
      expect([...times][0]).toBeGreaterThanOrEqual(before);
    }, 600_000);
  });
}
