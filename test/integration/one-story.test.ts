// Runs the whole path: load test, verdict, alert on its limit, and report.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Analysis } from '../../core/documents/analysis.ts';
import { bitsPerSecond } from '../../core/units.ts';
import { dashboards } from '../../dashboards/grafana/registry.ts';
import { launchChromium } from '../../tools/chromium.ts';
import { filledIn, targetsOf } from '../support/dashboard-parts.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { plimsoll } from '../support/plimsoll.ts';
import { startCli } from '../support/run-cli.ts';
import { startShapedLab, untilSo, type ShapedLab } from '../support/served-lab.ts';

/** Folder for pictures of the documentation; absent by default. */
const pictures = process.env['PLIMSOLL_PICTURES'];
const nic = bitsPerSecond(20e6);
const minute = 60_000;

/** Steps up to three quarters and more of the capacity of a 20 Mbit/s link; RocketMQ sends one message per request. */
const stories = {
  kafka: { request: { product: 'kafka', version: '4.3.1', brokers: 1 }, steps: '1000,2000,3000,3700', domain: 'logs' },
  rocketmq: {
    request: { product: 'rocketmq', version: '5.3.3', mode: 'single', nameServers: 1 },
    steps: '600,1200,1800,2200',
    domain: 'orders',
  },
} as const;

if (fullMatrix) {
  for (const [name, { request, steps, domain }] of Object.entries(stories)) {
    requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool', 'prometheus', 'alertmanager', 'chromium').describe(
      `the whole path on a ${name} cluster`,
      () => {
        let lab: ShapedLab;
        let analysis: Analysis;
        const verdict = () => join(lab.root, 'verdict.json');
        beforeAll(async () => {
          lab = await startShapedLab(request, nic);
        }, 5 * minute);
        afterAll(async () => {
          await lab[Symbol.asyncDispose]();
        });

        test(
          'a load test finds the safe maximum and names the network interface as the limit',
          async () => {
            const bundle = join(lab.root, 'run');
            const words = `run --config ${lab.configPath} --out ${bundle} --message-size 500 --rate-steps ${steps}`;
            const run = await plimsoll(`${words} --step-duration 15s --warm-up 5s --no-calibration`.split(' '));
            expect([run.exitCode, run.stderr]).toEqual([0, expect.any(String)]);
            const { exitCode, stdout } = await plimsoll(['analyze', bundle, '--json']);
            expect(exitCode).toBe(0);
            await writeFile(verdict(), stdout);
            analysis = Analysis.parse(JSON.parse(stdout));
            expect(analysis.safeMaxTps).toMatchObject({
              kind: expect.stringMatching(/^(confirmed|predicted)$/),
              limitedBy: { resource: expect.stringMatching(/^network-/) },
            });
            const added = await plimsoll([
              'history',
              'add',
              verdict(),
              '--history-db',
              lab.ledger,
              '--config',
              lab.configPath,
            ]);
            expect(added).toMatchObject({ exitCode: 0 });
          },
          5 * minute,
        );

        test(
          'load above it pages, page and dashboards show why, and the alert ends below it',
          async () => {
            await using served = await lab.serve();
            const { prometheus, alertmanager, url } = served;
            await prometheus.untilAnswered('plimsoll_safe_max_tps{bound="low"}');
            const headroom = async () => Number((await prometheus.query('plimsoll_headroom_ratio'))[0]?.value);
            await untilSo('an idle cluster has all its headroom', 2, async () => (await headroom()) > 0.95);
            expect(alertmanager.told.filter(({ receiver }) => receiver === 'pager')).toEqual([]);

            const { safeMaxTps, saturationTps } = analysis;
            if (!('tps' in safeMaxTps) || !('estimateTps' in saturationTps)) throw new Error('there is a limit');
            const above = Math.round((safeMaxTps.tps + saturationTps.estimateTps) / 2);
            const words = `run --config ${lab.configPath} --out ${join(lab.root, 'above')} --message-size 500 --rate-steps ${above}`;
            const load = startCli(`${words} --step-duration 15m --warm-up 1s --no-calibration`.split(' '));
            const paged = (status: string) =>
              alertmanager.told.some(
                (each) =>
                  each.receiver === 'pager' &&
                  each.status === status &&
                  each.alerts.some(({ labels }) => labels['alertname'] === 'ClusterOverSafeMax'),
              );
            await untilSo('the cluster is over its safe maximum', 2, async () => (await headroom()) < 0);
            await untilSo('somebody is paged', 6, () => paged('firing'));
            expect(alertmanager.told.filter(({ receiver }) => receiver === 'pager')).toHaveLength(1);
            await look(url, name);
            expect(await unanswered(prometheus)).toEqual([]);

            load.child.kill('SIGINT');
            await load.ended;
            await untilSo('there is headroom again', 3, async () => (await headroom()) > 0.95);
            await untilSo('the page is taken back', 8, () => paged('resolved'));
          },
          25 * minute,
        );

        test(
          'the report shows the result for the domain, in both languages',
          async () => {
            for (const language of ['en', 'zh']) {
              for (const format of ['html', 'pdf', 'xlsx']) {
                const out = join(lab.root, `report-${language}.${format}`);
                const words = ['report', '--promotion', 'Double 11', '--analysis', `${domain}=${verdict()}`];
                const made = await plimsoll([...words, '--format', format, '--lang', language, '--out', out]);
                expect([0, 6], made.stderr).toContain(made.exitCode);
                expect((await readFile(out)).length).toBeGreaterThan(1000);
              }
              const page = await readFile(join(lab.root, `report-${language}.html`), 'utf8');
              expect(page).toContain(language === 'zh' ? '安全上限' : 'Safe max');
            }
          },
          3 * minute,
        );
      },
    );
  }
}

/** Takes pictures of the two pages that the alert links to. */
async function look(url: string, name: string): Promise<void> {
  await using browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  for (const [what, path] of [
    ['fleet', ''],
    ['cluster', 'clusters/lab'],
  ] as const) {
    for (const language of ['en', 'zh']) {
      await page.goto(`${url}${path}?lang=${language}`);
      expect(await page.innerText('body')).toMatch(language === 'zh' ? /安全上限/ : /safe max/i);
      if (pictures === undefined) continue;
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}-${what}-${language}.png`), fullPage: true });
    }
  }
}

/** Metrics that a new cluster with one broker lacks: a history for forecasts, another broker, a graded prediction, a domain. */
const notYet = /plimsoll_(forecast|time_to_limit|without_one|calibration|cluster_domain_info)/;

/** Returns queries of the two linked dashboards for which a real Prometheus has no value. */
async function unanswered({ query }: { query(expression: string): Promise<{ value: string }[]> }): Promise<string[]> {
  const asked = dashboards.filter(({ uid = '' }) => ['plimsoll-fleet', 'plimsoll-capacity'].includes(uid));
  expect(asked).toHaveLength(2);
  const silent: string[] = [];
  for (const { expr } of asked.flatMap((each) => targetsOf(each))) {
    const samples = await query(filledIn(expr));
    if (samples.every(({ value }) => Number.isNaN(Number(value))) && !notYet.test(expr)) silent.push(expr);
  }
  return silent;
}
