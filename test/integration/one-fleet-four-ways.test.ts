import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaTools } from '../../bench/java-clients.ts';
import { generatorNode } from '../../analyzer/verdict/limits/resource-use.ts';
import { readNamingSchemes } from '../../analyzer/evidence/sources/naming-schemes.ts';
import { Analysis } from '../../core/documents/analysis.ts';
import { JournalLine, RunDocument } from '../../core/documents/run-bundle.ts';
import { bitsPerSecond } from '../../core/units.ts';
import { openMetricsText } from '../support/cluster-history.ts';
import { dayOfSteps, type ScrapedSeries } from '../support/day-of-steps.ts';
import { openOneFleet, type OneFleet } from '../support/one-fleet.ts';
import { runPerfSteps } from '../support/perf-steps.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { runCli } from '../support/run-cli.ts';
import type { EvidenceTable } from '../support/evidence-table.ts';
import { writeTruthSection } from '../truth/truth-page.ts';

const version = '4.3.1';
const nic = '25mbit';
const messageBytes = 1024;
/** 15 to 58 % of the network interface's capacity. */
const rates = [400, 800, 1200, 1600];
/** Five windows of OpenMessaging Benchmark, and five that remain of thirteen seconds of the tool's output. */
const seconds = { run: 50, tool: 13 };
const day = {
  course: Array.from({ length: 24 }, (_, block) => [0, 1, 2, 3, 3, 2, 1, 0][block % 8] ?? 0),
  blockSeconds: 900,
  scrapeSeconds: 15,
};

const ways = ['bundle', 'OMB JSON and Prometheus', "Kafka's tools and node_exporter", 'production'] as const;
type Way = (typeof ways)[number];

type Link = { resource: string; value: number; low: number; high: number };

if (fullMatrix) {
  requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool', 'prometheus', 'promtool', 'node-exporter').describe(
    'one load, analyzed from four sources',
    () => {
      let fleet: OneFleet;
      let bundle: string;
      let startedAt: number;
      let endedAt: number;
      let steps: { from: number; to: number }[];
      const told = new Map<Way, Analysis>();

      beforeAll(async () => {
        fleet = await openOneFleet(version, bitsPerSecond(25e6));
        bundle = join(fleet.root, 'run');
        const load = ['--rate-steps', rates.join(), '--step-duration', `${seconds.run}s`, '--warm-up', '5s'];
        const shape = ['--message-size', String(messageBytes), '--groups', '1', '--partitions', '1'];
        const asked = [...load, ...shape, '--no-calibration', '--out', bundle, '--config', fleet.configPath, '--json'];
        const { exitCode, stderr } = await runCli('run', ...asked);
        expect(exitCode, stderr).toBe(0);
        ({ startedAt, endedAt, steps } = await spansOf(bundle));
      }, 400_000);
      afterAll(async () => {
        await fleet[Symbol.asyncDispose]();
        if (told.size === ways.length) {
          const { table, rows, outcome } = sectionOf(told);
          await writeTruthSection(table, rows, outcome);
        }
      }, 60_000);

      test('(a) the bundle of the run', async () => {
        told.set('bundle', await analysed(bundle));
        expect(
          linksOf(told.get('bundle'))
            .map(({ resource }) => resource)
            .toSorted(),
        ).toEqual(directions);
      }, 60_000);

      test('(b) OpenMessaging Benchmark JSON with a Prometheus', async () => {
        const folder = join(fleet.root, 'omb');
        const exported = await runCli('export', bundle, '--format', 'omb', '--out', `${folder}/`);
        expect(exported.exitCode, exported.stderr).toBe(0);
        const analysis = await analysed(folder, '--timezone', 'UTC', '--prometheus', fleet.ours.url);
        told.set('OMB JSON and Prometheus', analysis);
        expect(await readdir(folder)).toHaveLength(rates.length);
        expect(analysis.steps.map(({ verdict }) => verdict)).toEqual(rates.map(() => ({ kind: 'sustained' })));
      }, 60_000);

      test("(c) the output of Kafka's own tools with a node_exporter", async () => {
        const folder = join(fleet.root, 'tools');
        await mkdir(folder);
        const io = { signal: AbortSignal.timeout(60_000), progress: () => undefined };
        const { generator: namespace, bootstrap } = fleet;
        const plan = { namespace, bootstrap, topic: 'by-tools', rates, seconds: seconds.tool, messageBytes, folder };
        const driven = await runPerfSteps({ jars: await kafkaTools(version, io), ...plan });
        const stated = driven.flatMap(({ file, rate, startedAt: at }) => [
          '--start',
          `${file}=${at.toISOString()}`,
          '--rate',
          `${file}=${rate}`,
        ]);
        const files = driven.map(({ file }) => file);
        const analysis = await analysed(...files, ...stated, '--prometheus', fleet.machines.url, '--nic', nic);
        told.set("Kafka's tools and node_exporter", analysis);
        expect(analysis.steps.map(({ verdict }) => verdict)).toEqual(rates.map(() => ({ kind: 'sustained' })));
        expect(analysis.run.messageBytes).toBe(messageBytes);
      }, 240_000);

      test('(d) Prometheus alone, if the time range is as long as production takes to vary', async () => {
        const moment = (ms: number) => new Date(ms).toISOString();
        const minutes = ['--from', moment(startedAt), '--to', moment(endedAt)];
        const short = await runCli('analyze', '--prometheus', fleet.ours.url, '--cluster', 'lab', ...minutes);
        expect(short).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('shorter than 4 h') });

        const scraped = await scrapedBetween(fleet.ours.url, startedAt / 1000, endedAt / 1000);
        const length = day.course.length * day.blockSeconds;
        const from = Math.floor(Date.now() / 1000) - length - 60;
        const { kept, span } = dayOfSteps(scraped, { ...day, from, steps });
        await using prometheus = await startPrometheus({
          job: 'none',
          scrapes: [],
          history: openMetricsText(kept, span),
        });
        await prometheus.untilAnswered('vector(1)');
        const window = ['--from', moment(from * 1000), '--to', moment((from + length) * 1000)];
        told.set('production', await analysed('--prometheus', prometheus.url, '--cluster', 'lab', ...window));
      }, 60_000);

      test.each(['network-in', 'network-out'])('all four give overlapping saturation rates of %s', (resource) => {
        const all = ways.map((way) => ({ way, ...linkOf(told.get(way), resource) }));
        for (const one of all) {
          for (const other of all) {
            expect(one.low, JSON.stringify([one, other])).toBeLessThanOrEqual(other.high);
          }
        }
      });

      test('a finding explains safe maxima that differ or are missing', () => {
        const all = ways.map((way) => ({ way, ...safeSpanOf(told.get(way)) }));
        for (const one of all) {
          for (const other of all) {
            if (one.low > other.high) expect(other.because, JSON.stringify([one, other])).not.toEqual([]);
          }
          if (!one.isNumber) expect(one.because, one.way).not.toEqual([]);
        }
      });
    },
  );
}

/** Reasons without a verdict or for a higher one, as text. */
const reasons = {
  none: ['past-limit-from-the-start', 'poor-fit', 'beyond-reach'],
  low: ['standing-use', 'generator-host-unknown'],
};

/** `at-least` has no upper bound, and an unknown limit permits any rate. */
function safeSpanOf(analysis: Analysis | undefined) {
  const safe = analysis?.safeMaxTps;
  const isNumber = safe?.kind === 'predicted' || safe?.kind === 'confirmed';
  const codes = new Set((analysis?.findings ?? []).map(({ code }) => code));
  const because = isNumber ? reasons.low : reasons.none;
  return {
    isNumber,
    low: isNumber ? safe.interval.low : safe?.kind === 'at-least' ? safe.tps : 0,
    high: (isNumber ? safe.interval.high : undefined) ?? Number.POSITIVE_INFINITY,
    because: because.filter((code) => codes.has(code)),
  };
}

const directions = ['network-in', 'network-out'];

async function analysed(...words: string[]): Promise<Analysis> {
  const { stdout, stderr } = await runCli('analyze', ...words, '--json');
  if (stdout === '') throw new Error(stderr);
  return Analysis.parse(JSON.parse(stdout));
}

/** Saturation rates of the broker's network interface. */
function linksOf(analysis: Analysis | undefined): Link[] {
  return (analysis?.resources ?? []).flatMap(({ resource, node, saturationTps }) => {
    if (!directions.includes(resource) || node === generatorNode || saturationTps === undefined) return [];
    const { value, low, high = Number.POSITIVE_INFINITY } = saturationTps;
    return [{ resource, value, low, high }];
  });
}

function linkOf(analysis: Analysis | undefined, resource: string): Link {
  const [link, ...more] = linksOf(analysis).filter((each) => each.resource === resource);
  if (link === undefined || more.length > 0) throw new Error(`${resource}: ${JSON.stringify(analysis?.resources)}`);
  return link;
}

/** In milliseconds since the epoch; the steady part of each step in seconds. */
async function spansOf(directory: string) {
  const document = RunDocument.parse(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')));
  if (document.origin !== 'load-test') throw new Error('no load test');
  const startedAt = Date.parse(document.startedAt);
  const lines = (await readFile(join(directory, 'journal.ndjson'), 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JournalLine.parse(JSON.parse(line)));
  const begun = new Map<number, number>();
  const steps: { from: number; to: number }[] = [];
  for (const line of lines) {
    if (line.kind === 'step-started') begun.set(line.step, line.elapsedSeconds);
    if (line.kind !== 'step-ended') continue;
    const from = startedAt / 1000 + (begun.get(line.step) ?? 0);
    steps.push({ from: from + 3, to: startedAt / 1000 + line.elapsedSeconds - 1 });
  }
  return { startedAt, endedAt: startedAt + 1000 * (lines.at(-1)?.elapsedSeconds ?? 0), steps };
}

/** Returns every sample of metrics that the analysis reads. */
async function scrapedBetween(url: string, from: number, to: number): Promise<ScrapedSeries[]> {
  const names = new Set(
    readNamingSchemes().flatMap(({ figures }) =>
      Object.values(figures)
        .flat()
        .flatMap(({ metrics }) => metrics),
    ),
  );
  const query = `{job="plimsoll"}[${Math.ceil(to - from)}s]`;
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query, time: String(to) }).toString()}`);
  const answer = (await response.json()) as { data: { result: ScrapedSeries[] } };
  return answer.data.result.filter(({ metric }) => names.has(metric['__name__'] ?? ''));
}

function sectionOf(told: ReadonlyMap<Way, Analysis>) {
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const cell = ({ value, low, high }: Link) => `${whole(value)} (${whole(low)} to ${whole(high)})`;
  const rows = ways.map((way) => {
    const analysis = told.get(way);
    const safe = analysis?.safeMaxTps;
    const limit = safe && 'limitedBy' in safe && 'resource' in safe.limitedBy ? ` by ${safe.limitedBy.resource}` : '';
    const verdict = safe === undefined ? '' : 'tps' in safe ? `${safe.kind} ${whole(safe.tps)}${limit}` : safe.kind;
    const flags = [...new Set(analysis?.run.sources?.flatMap((source) => source.flags) ?? [])].join(', ');
    const why = safeSpanOf(analysis).because.join(', ');
    const links = directions.map((each) => cell(linkOf(analysis, each)));
    return [way, ...links, verdict, why, flags];
  });
  const ofIn = ways.map((way) => whole(linkOf(told.get(way), 'network-in').value)).join(', ');
  const table: Omit<EvidenceTable, 'page'> = {
    heading: 'One fleet, four ways',
    data: 'evidence/truth/four-ways.csv',
    says: [
      `One load test of one Kafka ${version} (${nic} card, ${messageBytes} B, one group, ${rates.join(', ')} msg/s), analyzed in four ways:`,
      '',
      '- bundle: the run bundle; only it shows that the load generator shares the cores',
      '- OMB JSON and Prometheus: its OpenMessaging Benchmark export, and a Prometheus that scraped the exporter',
      "- Kafka's tools and node_exporter: the output of kafka-producer-perf-test and kafka-consumer-perf-test, and a Prometheus that scraped node_exporter",
      `- production: production metrics; each second stands for a scrape every 15 s, so the test for a day of ${day.course.length} quarters of an hour`,
      '',
      'Intervals (in brackets) have to overlap. Where another way gives no number or a lower one, its findings say why.',
    ].join('\n'),
    columns: [
      { name: 'evidence' },
      { name: 'saturation of network-in (msg/s)', isNumber: true },
      { name: 'saturation of network-out (msg/s)', isNumber: true },
      { name: 'safe maximum' },
      { name: 'findings' },
      { name: 'flags of the sources', isHidden: true },
    ],
  };
  return { table, rows, outcome: `one fleet, four ways: saturation of network-in ${ofIn} msg/s` };
}
