// Renders every dashboard with the Grafana of GRAFANA_HOME; fails on errors and missing data: `check.ts [--brokers]`.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import type { Dashboard } from '../../dashboards/grafana/dashboard.ts';
import { dashboards } from '../../dashboards/grafana/registry.ts';
import { launchChromium } from '../../tools/chromium.ts';
import { drawDashboard } from './drawn-dashboard.ts';
import { judge } from './judged-dashboard.ts';
import { opened } from './opened-rows.ts';
import { startGrafana, type RunningGrafana } from './running-grafana.ts';
import { publicUrl, startRecordedScene, type Scene } from './scene.ts';
import { startWatchedClusters } from './watched-clusters.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pictures = resolve(process.env['PLIMSOLL_PICTURES'] ?? join(root, 'runs', 'grafana'));
const areBrokersReal = process.argv.includes('--brokers');

const why = missing();
if (why === undefined) process.exitCode = await check();
else {
  process.stdout.write(`not run: ${why}\n`);
  // 77 means "not run"; in CI this is a failure, like tests with missing prerequisites.
  process.exitCode = process.env['CI'] === 'true' ? 1 : 77;
}

function missing(): string | undefined {
  if (process.env['GRAFANA_HOME'] === undefined) {
    return 'GRAFANA_HOME is not set. Install Grafana 9, 10, 11 or 12 (https://grafana.com/grafana/download), then run: GRAFANA_HOME=/usr/share/grafana npm run check -- grafana';
  }
  if (!existsSync('/usr/bin/chromium')) return 'chromium is missing: apt-get install chromium';
  const programs = { prometheus: 'prometheus', ...(areBrokersReal && { java: 'openjdk-17-jre-headless' }) };
  for (const [command, debianPackage] of Object.entries(programs)) {
    const { error } = spawnSync(command, ['--version'], { stdio: 'ignore' });
    if (error !== undefined) return `${command} is missing: apt-get install ${debianPackage}`;
  }
  return undefined;
}

/** @returns the exit code */
async function check(): Promise<number> {
  const begunMs = Date.now();
  await mkdir(pictures, { recursive: true });
  await using scene = await (areBrokersReal ? startWatchedClusters() : startRecordedScene());
  await using grafana = await startGrafana(process.env['GRAFANA_HOME'] ?? '', {
    dashboards: await provisioned(),
    prometheusUrl: scene.prometheus.url,
    scrapeInterval: `${scene.scrapeSeconds}s`,
  });
  await using browser = await launchChromium();
  process.stdout.write(`Grafana ${grafana.version}\n`);
  const faults: string[] = [];
  for (const { name, begin } of scene.states) {
    await begin();
    for (const dashboard of drawnDashboards()) {
      const found = await drawOne(name, dashboard, { browser, grafana, scene });
      faults.push(...found.map((fault) => `${name}: ${fault}`));
    }
  }
  for (const fault of faults) process.stdout.write(`failed: ${fault}\n`);
  const seconds = Math.round((Date.now() - begunMs) / 1000);
  process.stdout.write(`${faults.length} failures in ${seconds} s; pictures in ${pictures}\n`);
  return faults.length === 0 ? 0 : 1;
}

/** With real brokers each dashboard is rendered once, because their state changes meanwhile. */
function drawnDashboards(): readonly Dashboard[] {
  if (areBrokersReal) return dashboards.map((each) => opened(each) ?? each);
  return dashboards.flatMap((each) => [each, opened(each) ?? []].flat());
}

/** Returns the committed dashboards, and copies with open rows of those that fold some. */
async function provisioned(): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const dashboard of dashboards) {
    const file = `${dashboard.uid}.json`;
    all.set(file, await readFile(join(root, 'dashboards/grafana/json', file), 'utf8'));
    const open = opened(dashboard);
    if (open !== undefined) all.set(`${open.uid}.json`, JSON.stringify(open));
  }
  return all;
}

interface Parts {
  browser: Browser;
  grafana: RunningGrafana;
  scene: Scene;
}

/** @returns its problems */
async function drawOne(state: string, dashboard: Dashboard, { browser, grafana, scene }: Parts): Promise<string[]> {
  const { uid = '', panels = [] } = dashboard;
  const rows = Math.max(...panels.map(({ gridPos }) => (gridPos?.y ?? 0) + (gridPos?.h ?? 0)));
  const picture = join(pictures, `${uid.replace('plimsoll-', '')}-${state}.png`);
  const span = scene.span();
  const drawing = await drawDashboard(browser, { url: grafana.url, uid, ...span, rows, picture });
  const { withData, withoutData, faults } = await judge(dashboard, drawing, { ...scene, span });
  const empty = withoutData.length === 0 ? '' : `, ${withoutData.length} without: ${withoutData.join(', ')}`;
  process.stdout.write(`${state}: ${dashboard.title}: ${withData} panels with data${empty}\n`);
  const isLinked = drawing.links.some(({ href }) => href.startsWith(`${publicUrl}/clusters`));
  const isLinkDue = JSON.stringify(dashboard.links).includes('${console}');
  return isLinkDue && !isLinked ? [...faults, `${dashboard.title}: has no link to the pages`] : [...faults];
}
