// Runs two services with one state folder, kills the leader, and counts the results of scheduled jobs.

import { appendFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { freePorts } from '../../../lab/free-port.ts';
import { madeLoad } from '../../support/made-history.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { servePlimsoll, type ServedPlimsoll } from '../../support/served-plimsoll.ts';

/** As docs/how-to/run-two-instances.md states. */
const takeOverSeconds = 20;

const records = process.env['PLIMSOLL_OUTAGE_RECORD'];

const hour = 3600;
const days = 50;
const now = Math.floor(Date.now() / 1000 / 300) * 300;

function loadHistory(): string {
  const lines = madeLoad('service', { days: days + 1, noise: 0.02 })
    .slice(0, days * 24)
    .map((tps, i) => `pay_load ${Math.round(tps)} ${now - (days * 24 - i) * hour}`);
  return `# TYPE pay_load gauge\n${lines.join('\n')}\n# EOF\n`;
}

const configOf = (url: string) => `
clusters: { pay: { broker: kafka, bootstrap: ['127.0.0.1:1'] } }
sources: { load: { kind: prometheus, url: '${url}' } }
service:
  availability: pair
  clusters: { pay: { source: load, load: 'last_over_time(pay_load[1h])' } }
  schedule: { analysis: 30d, history: ${days - 1}d, horizon: 1d }
`;

type Entry = { id: number; kind: string };

/** @returns ids, oldest first */
async function forecasts(service: ServedPlimsoll): Promise<number[]> {
  const answer = await service.get('/api/v1/ledger?kind=forecast&limit=50');
  const { entries } = (await answer.json()) as { entries: Entry[] };
  return entries.map(({ id }) => id).toSorted((a, b) => a - b);
}

const isLeader = async (service: ServedPlimsoll) =>
  /^plimsoll_leader 1$/m.test(await (await service.get('/metrics')).text());

async function until(isThere: () => Promise<boolean>, withinSeconds: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const after = (performance.now() - began) / 1000;
    if (await isThere()) return after;
    if (after > withinSeconds) throw new Error(`not within ${withinSeconds} s`);
    await delay(100);
  }
}

async function askForForecast(service: ServedPlimsoll): Promise<void> {
  const answer = await service.get('/api/v1/changes', {
    method: 'POST',
    headers: { ...(await service.operator()), 'Content-Type': 'application/json' },
    body: JSON.stringify({ what: 'analysis-asked', cluster: 'pay', job: 'forecast' }),
  });
  expect(answer.status).toBe(201);
}

const runs = () =>
  requires('prometheus', 'promtool').test(
    'one of two services runs the jobs, the other takes over when it is killed or stopped, and no job runs twice',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-pair-'));
      await using resources = new AsyncDisposableStack();
      resources.defer(() => rm(folder, { recursive: true }));
      const prometheus = resources.use(await startPrometheus({ job: 'none', scrapes: [], history: loadHistory() }));
      await prometheus.untilAnswered('vector(1)');
      await writeFile(join(folder, 'plimsoll.yaml'), configOf(prometheus.url));
      const [one, two] = await freePorts(2);
      const start = async (port: number | undefined) =>
        resources.use(
          await servePlimsoll([
            '--config',
            join(folder, 'plimsoll.yaml'),
            '--state-dir',
            join(folder, 'state'),
            '--listen',
            `127.0.0.1:${port}`,
          ]),
        );
      const first = await start(one);
      await until(() => isLeader(first), 10);
      const second = await start(two);
      const ended = new AbortController();
      let both = 0;
      const watching = (async () => {
        while (!ended.signal.aborted) {
          const each = await Promise.allSettled([isLeader(first), isLeader(second)]);
          if (each.every((leads) => leads.status === 'fulfilled' && leads.value)) both++;
          await delay(100);
        }
      })();

      await until(async () => (await forecasts(first)).length === 1, 60).catch(() => {
        throw new Error(first.said());
      });
      expect(await forecasts(second)).toEqual(await forecasts(first));
      // A job that an operator starts at the other instance runs once, on the leader.
      await askForForecast(second);
      await until(async () => (await forecasts(second)).length === 2, 30);

      await first.kill();
      const seconds = await until(() => isLeader(second), takeOverSeconds);
      if (records !== undefined) appendFileSync(records, `${JSON.stringify({ of: 'leader-killed', seconds })}\n`);
      expect(seconds).toBeGreaterThan(10);
      // The last forecast is recent, so a new leader computes none.
      await delay(5000);
      expect(await forecasts(second)).toHaveLength(2);
      await askForForecast(second);
      await until(async () => (await forecasts(second)).length === 3, 30);
      ended.abort();
      await watching;

      const third = await start(one);
      await until(async () => /plimsoll_leader 0/.test(await (await third.get('/metrics')).text()), 10);
      await askForForecast(third);
      // A hung process loses leadership as well, and notices when it continues.
      second.stop();
      await until(() => isLeader(third), takeOverSeconds + 5);
      second.go();
      await until(async () => !(await isLeader(second)), 5);
      await until(async () => (await forecasts(third)).length === 4, 30);
      await delay(3000);
      expect(await forecasts(third)).toHaveLength(4);
      expect(both).toBe(0);
      for (const service of [first, second, third]) expect(service.said()).not.toContain('"level":50');
    },
    10 * 60_000,
  );

if (fullMatrix) runs();
