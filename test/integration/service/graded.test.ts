import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SourceConfig } from '../../../analyzer/evidence/sources/config.ts';
import { systemClock } from '../../../core/clock.ts';
import { ServiceConfig } from '../../../app/config/service.ts';
import { createForecastEndJobs } from '../../../service/grading/forecast-end-jobs.ts';
import { createReviewJob } from '../../../service/grading/review-job.ts';
import { openHistory } from '../../../service/history/sqlite-history.ts';
import { createHandClock } from '../../support/hand-clock.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { happened } from '../../support/promotion-happened.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { servedCluster } from '../../support/served-api.ts';

const hour = 3600;
const day = 24 * hour;
/** Midnight UTC, at least an hour ago: by then, everything that ended before is graded. */
const today = Math.floor((Date.now() / 1000 - hour) / day) * day;
const yesterday = today - day;
const plimsoll = { name: 'plimsoll', through: 'schedule' } as const;

/** Twice the load in one hour of yesterday, and a missing broker in half of that hour. */
function pastSeries(): string {
  const minutes = Array.from({ length: 4 * 24 * 60 }, (_, index) => today - 3 * day + index * 60);
  const at = yesterday + 12 * hour;
  const load = minutes.map((time) => `shop_load ${time > at && time <= at + hour ? 40_000 : 20_000} ${time}`);
  const labels =
    'alertname="KafkaBrokerMissing",alertstate="firing",severity="critical",scope="broker",cluster="trade"';
  const alerts = minutes
    .filter((time) => time >= at && time < at + hour / 2)
    .map((time) => `ALERTS{${labels}} 1 ${time}`);
  return ['# TYPE shop_load gauge', ...load, '# TYPE ALERTS gauge', ...alerts, '# EOF\n'].join('\n');
}

const forecast = () => {
  const iso = (index: number) => new Date((yesterday + index * hour) * 1000).toISOString();
  const band = { tps: 20_000, low: 18_000, high: 22_000 };
  const points = Array.from({ length: 24 }, (_, index) => ({ at: iso(index), ...band }));
  return { horizonEndsAt: iso(24), peak: { ...band, at: iso(0), confidence: 0.8 }, points, chosen: 'seasonal-naive' };
};

const runs = () =>
  requires('prometheus', 'promtool').test(
    'a finished forecast and promotion are graded with the data of a Prometheus',
    async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-graded-'));
      await using prometheus = await startPrometheus({ job: 'none', scrapes: [], history: pastSeries() });
      await prometheus.untilAnswered('vector(1)');
      const file = join(folder.path, 'ledger.sqlite');
      {
        const clock = createHandClock();
        clock.advance(yesterday - hour);
        using before = openHistory(file, { clock });
        before.append({ kind: 'forecast', cluster: 'trade', document: forecast() }, plimsoll);
        before.append({ kind: 'report', document: happened.report }, plimsoll);
      }
      using history = openHistory(file, { clock: systemClock });
      const source = {
        name: 'production',
        config: SourceConfig.parse({ kind: 'prometheus', url: prometheus.url }),
        cluster: 'trade',
        load: 'shop_load',
      };
      const parts = {
        history,
        author: plimsoll,
        clock: systemClock,
        config: ServiceConfig.parse({ domains: { orders: { cluster: 'trade' } } }),
        clusters: new Map([['trade', servedCluster('trade', { source, domains: ['orders'] })]]),
        courses: new Map(),
      };
      const window = {
        name: happened.report.promotion.name,
        fromMs: yesterday * 1000,
        toMs: (yesterday + 18 * hour) * 1000,
      };
      const jobs = [...createForecastEndJobs(parts), createReviewJob({ ...parts, promotions: () => [window] })];
      for (const job of jobs) await job.run({ signal: AbortSignal.timeout(60_000) });
      const grades = history
        .entries({ kinds: ['grade'], limit: 10 })
        .map((entry) => (entry.kind === 'grade' ? { why: entry.why, ...entry.document } : entry));
      expect(grades).toMatchObject([
        // Safe maximum 25,000 to 27,000: it failed above that, as predicted.
        {
          what: 'safe-max',
          event: 'promotion',
          actual: 40_000,
          held: true,
          why: expect.stringContaining('KafkaBrokerMissing') as string,
        },
        // Predicted 42,000, with a range of 36,000 to 50,000.
        { what: 'forecast', event: 'promotion', actual: 40_000, held: true },
        {
          what: 'forecast',
          event: 'forecast-end',
          actual: 40_000,
          held: false,
          covered: expect.closeTo(23 / 24, 2) as number,
        },
      ]);
    },
  );

if (fullMatrix) runs();
