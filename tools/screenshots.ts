// Takes the pictures of docs/images/: tools/screenshots.ts [RUN] (needs a Chinese font).

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import express from 'express';
import type { Browser } from 'playwright-core';
import { readDefaultPolicy } from '../core/policy/policy.ts';
import { createRunLibrary } from '../app/analysis/run-library.ts';
import { systemClock } from '../core/clock.ts';
import { createLogger } from '../core/log.ts';
import { html, type Html } from '../core/text/html.ts';
import { createWebRouter } from '../dashboards/web/page.ts';
import { createExporterApp, listen } from '../exporter/http-server.ts';
import { createMetricsPage } from '../exporter/metrics-page.ts';
import { HostConfig } from '../hosts/config.ts';
import { openHost } from '../hosts/registry.ts';
import { inspectorOf, troubledSnapshot } from '../test/support/golden-metrics-page.ts';
import { launchChromium } from './chromium.ts';
import { readRunDocument } from '../analyzer/evidence/importers/bundle.ts';
import { createRunProgress } from '../cli/run-progress.ts';
import { TelemetryRecord } from '../core/documents/evidence/telemetry.ts';
import { readJournalLines } from '../loadgen/record/bundle/journal-lines.ts';
import { watchBusiestResource } from '../loadgen/record/busiest-resource.ts';
import { createRunProgressSum } from '../loadgen/record/run-progress-sum.ts';
import type { Utilisation } from '../loadgen/record/utilisation.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs', 'images');
/** Share of the run that has passed in its picture. */
const seenAt = 0.7;

const [run] = process.argv.slice(2);

await mkdir(images, { recursive: true });
const browser = await launchChromium();
await takeExporter();
await takeGcPage();
if (run === undefined)
  process.stdout.write('took exporter.png and gc-page.png; give the folder of a run for the others\n');
else await takeRun(run);
await browser.close();

async function takeRun(run: string): Promise<void> {
  await using pages = await serveRuns([run]);
  const address = `${pages.url}runs/${basename(run)}`;
  await takePage(browser, 'run-light', address, { width: 1280, height: 1500, colorScheme: 'light' });
  await takeTerminal(browser, 'run-progress', 'plimsoll run workload.yaml', await replayProgress(run, seenAt), 1160);
}

function serveRuns(bundles: readonly string[]) {
  const log = createLogger('warn');
  const library = createRunLibrary({ bundles, folder: '', policy: readDefaultPolicy(), log });
  return listen(express().use(createWebRouter(library)), '127.0.0.1:0', new AbortController());
}

/** Renders a cluster with every kind of problem, and this machine. */
async function takeExporter(): Promise<void> {
  const { signal } = new AbortController();
  await using host = openHost('here', HostConfig.parse({ probe: 'local' }));
  const page = createMetricsPage({
    clusters: [{ name: 'lab', kind: 'kafka', inspector: inspectorOf(async () => troubledSnapshot) }],
    hosts: [{ name: 'here', probe: host }],
    clock: systemClock,
    log: createLogger('silent'),
  });
  await page.render({ signal });
  await using server = await listen(createExporterApp(page), '127.0.0.1:0', { signal });
  await takePage(browser, 'exporter', server.url, { width: 1100, height: 1250, colorScheme: 'light' });
}

/** Renders a fifth of a second of a program that allocates much, with Kafka's flags. */
async function takeGcPage(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-gc-page-'));
  const log = 'test/fixtures/gc-logs/unified/17-g1-kafka.log';
  const page = join(folder, 'gc.html');
  const main = join(root, 'cli/main.ts');
  await promisify(execFile)(process.execPath, [main, 'gc', log, '--html', page], { cwd: root });
  await takePage(browser, 'gc-page', pathToFileURL(page).href, { width: 1280, height: 1500, colorScheme: 'light' });
  await rm(folder, { recursive: true });
}

type Look = { width: number; height: number; colorScheme: 'light' | 'dark' };

async function takePage(
  browser: Browser,
  name: string,
  address: string,
  { width, height, colorScheme }: Look,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(address, { waitUntil: 'networkidle' });
  await page.screenshot({ path: join(images, `${name}.png`) });
  await page.close();
}

async function takeTerminal(
  browser: Browser,
  name: string,
  command: string,
  output: string,
  width = 1000,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height: 400 } });
  const screen = html`<style>
      body {
        margin: 0;
        background: #10171c;
      }
      pre {
        margin: 0;
        padding: 20px 24px;
        color: #d6dfe4;
        font:
          14px/1.45 'DejaVu Sans Mono',
          Menlo,
          monospace;
      }
    </style>
    <pre><b>$ ${command}</b>

${fromAnsi(output)}</pre>`;
  await page.setContent(screen.text);
  await page.locator('pre').screenshot({ path: join(images, `${name}.png`) });
  await page.close();
}

/** Converts the few styles that our reports use (ECMA-48 SGR). */
function fromAnsi(text: string): Html {
  const styles: Record<string, string> = {
    1: 'font-weight:bold',
    2: 'opacity:.65',
    31: 'color:#ff8a80',
    32: 'color:#58c48d',
    33: 'color:#e6ad4a',
    36: 'color:#6cc3e6',
  };
  const active = new Map<string, string>();
  const ends: Record<string, readonly string[]> = {
    0: Object.keys(styles),
    22: ['1', '2'],
    39: ['31', '32', '33', '36'],
  };
  const [before = '', ...painted] = text.split('\u001b[');
  const parts = painted.map((part) => {
    const end = part.indexOf('m');
    for (const code of part.slice(0, end).split(';')) {
      for (const ended of ends[code] ?? []) active.delete(ended);
      const style = styles[code];
      if (style !== undefined) active.set(code, style);
    }
    return html`<span style="${[...active.values()].join(';')}">${part.slice(end + 1)}</span>`;
  });
  return html`${before}${parts}`;
}

const columns = 132;
const eraseLine = '\r\u001b[2K';

/** @param share share of the run after which the progress is rendered */
async function replayProgress(directory: string, share: number): Promise<string> {
  const { signal } = new AbortController();
  const document = await readRunDocument(directory, signal);
  if (document.origin !== 'load-test') throw new Error(`${directory} is not of a load test`);
  const { id, steps, warmUpSeconds } = document;
  const total = steps.reduce((sum, { durationSeconds }) => sum + durationSeconds, warmUpSeconds);
  let text = '';
  const output = { write: (more: string) => void (text += more), isTerminal: true, columns };
  const tell = createRunProgress(output, { colours: true, isPlain: false });
  const groups = new Set<string>();
  const lines = (await Array.fromAsync(readJournalLines(join(directory, 'journal.ndjson'), { signal }))).map(
    ({ line }) => line,
  );
  for (const line of lines) if (line.kind === 'consumed') groups.add(line.group);
  const sum = createRunProgressSum([...groups]);
  tell({ kind: 'started', id, topic: document.workload.topic ?? '', directory: `runs/${id}` });
  const busiestOf = watchBusiestResource(document.environment);
  const telemetry = Map.groupBy(await readTelemetry(directory), ({ elapsedSeconds }) => Math.round(elapsedSeconds));
  let busiest: Utilisation | undefined;
  let second = 1;
  for (const line of lines) {
    if (line.elapsedSeconds > share * total) break;
    if (line.elapsedSeconds > second + 0.5) {
      const step = sum.stepAt(second - 0.5);
      busiest = busiestOf(telemetry.get(second) ?? []) ?? busiest;
      tell({
        kind: 'second',
        elapsedSeconds: second,
        leftSeconds: total - second,
        ...(step && { step: step.index + 1 }),
        steps: steps.length,
        interval: sum.takeInterval(step?.target ?? {}, []),
        lagMessages: sum.lagMessages(),
        ...(busiest && { busiest }),
      });
      second = Math.floor(line.elapsedSeconds);
    }
    sum.add(line);
    if (line.kind === 'step-ended') {
      tell({ kind: 'step-ended', step: line.step + 1, steps: steps.length, summary: sum.step(line.step) });
    }
  }
  return shown(text);
}

async function readTelemetry(directory: string): Promise<TelemetryRecord[]> {
  const text = await readFile(join(directory, 'telemetry.ndjson'), 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
  return lines.map((line) => TelemetryRecord.parse(JSON.parse(line)));
}

/** Returns the visible text of lines that were overwritten. */
const shown = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split(eraseLine).at(-1) ?? '')
    .join('\n');
