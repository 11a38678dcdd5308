// Follows one cluster from its installation to the review of its promotion: every figure comes from the previous step.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { Analysis } from '../../core/documents/analysis.ts';
import { CapacityReport } from '../../core/documents/capacity-report.ts';
import { RedlineDocument } from '../../core/documents/redline.ts';
import { bitsPerSecond } from '../../core/units.ts';
import { kafkaRelease } from '../../lab/kafka/release.ts';
import { executed } from '../support/installed-changes.ts';
import { prepareSite } from '../support/installed-site.ts';
import { openLiveKafka } from '../support/live-kafka.ts';
import { packedRelease } from '../support/packed-release.ts';
import { main } from '../support/plimsoll.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { runCli } from '../support/run-cli.ts';

const machines = ['worker1', 'worker2', 'worker3'];
const cluster = 'orders';
const topic = 'orders';
const promotion = 'Autumn sale';
const messageBytes = 10_000;
/** Customer load without a promotion: one broker leads all of it within its limits (about 101 msg/s). */
const usualTps = 85;
/** Not shaped: far above the speed limit of the brokers' network interfaces. */
const fastCard = { speed: '10gbit', speedSource: 'stated by the test' };
/** All hosts share the cores and the disk of this machine, so these limits do not apply to single brokers. */
const policy = { cpu: '100%', disk: '100%', confirmationTime: '100s' };

if (fullMatrix) {
  requires('root', 'ip', 'tc', 'ethtool', 'java', 'maven', 'sshd', 'supervisor', 'prometheus').test(
    'one cluster passes installation, load tests, forecast, GO with conditions, redline, GO, promotion and review',
    async () => {
      await using story = await beginStory();

      story.chapter('install');
      await executed(story.site, 'install', '--execute');
      await story.keepMessages('3600000');
      const live = await openLiveKafka(story.site.config.bootstrap);
      await live.createTopic(topic, 60);

      story.chapter('load tests');
      const steps = await story.test('steps', ['--rate-steps', '120,240,360,440', '--step-duration', '20s']);
      const groups = await story.test('groups', [await story.keep('groups.yaml', stringify(catchUp))]);
      const { withoutOne = [] } = steps.analysis;
      const least = Math.min(...withoutOne.map(({ tps, returning }) => Math.min(tps, returning?.tps ?? 0)));
      expect(least).toBeGreaterThan(usualTps);

      story.chapter('forecast');
      const { peak, path: forecast } = await story.forecast(0.85 * least);
      expect(peak.high).toBeLessThan(least);
      expect(peak.low).toBeGreaterThan(usualTps);

      const before = await story.report([steps.path, groups.path], forecast);
      story.note('before the redline', before);
      expect(before.decision).toBe('conditions');
      expect(before.codes).toContain('not-confirmed');

      story.chapter('redline');
      const seconds = 420;
      await using readers = live.consume(topic, 'readers', usualTps * seconds);
      await using producer = live.produce(topic, { rate: usualTps, messages: usualTps * seconds, bytes: messageBytes });
      await live.until(producer, / records sent, /);
      await delay(8000);
      const layout = await live.layoutOf(topic);
      const redline = await story.redline();
      story.note('redline', { stop: redline.stop, redline: redline.analysis?.redline });
      expect(redline.status).toBe('done');
      expect(await live.layoutOf(topic)).toEqual(layout);

      const after = await story.report([steps.path, groups.path, redline.path], forecast);
      story.note('after the redline', after);
      expect([after.decision, after.codes]).toEqual(['go', ['proven']]);
      await producer[Symbol.asyncDispose]();
      await readers[Symbol.asyncDispose]();

      story.chapter('promotion');
      await using watched = await story.watch();
      const course = { 0: usualTps, 30: peak.value, 180: peak.value, 210: usualTps, 220: usualTps };
      const points = Object.entries(course).map(([second, tps]) => `${second},${tps.toFixed(1)}\n`);
      const curve = `time,rate\n${points.join('')}`;
      const replay = { ...workload, profile: { kind: 'replay', file: await story.keep('promotion.csv', curve) } };
      const held = await story.test('promotion', [await story.keep('promotion.yaml', stringify(replay))]);
      expect(held.analysis.ledger?.groups).toMatchObject([{ lost: 0, duplicated: 0 }]);

      story.chapter('review');
      const review = await story.review(after.path, watched.url);
      story.note('review', review);
      expect(review.domains).toEqual([
        expect.objectContaining({ domain: cluster, decision: 'go', decisionHeld: true }),
      ]);
      expect(review.domains[0].forecast).toMatchObject({ held: true });
    },
    1_500_000,
  );
}

const workload = { messageSize: `${messageBytes}B`, partitions: 12, replicationFactor: 3, acks: 'all', groups: 1 };

/** Consumers stop, and then read at full speed. */
const catchUp = {
  ...workload,
  profile: { kind: 'backlog-and-drain', rate: 250, backlog: '50s', drain: '90s' },
};

async function beginStory() {
  const releases = [await packedRelease('kafka', kafkaRelease('4.3.1'))] as const;
  await using opened = new AsyncDisposableStack();
  const loadTest = {
    window: 'always',
    maxTps: 5000,
    maxNicShare: '100%',
    topicPrefix: 'plimsoll-',
    redline: 'allowed',
  };
  const site = opened.use(
    await prepareSite({
      machines,
      cluster,
      layout: { broker: 'kafka', controllers: machines.slice(0, 1), brokers: machines },
      releases,
      nic: bitsPerSecond(50e6),
      clusterSettings: { loadTest: { ...loadTest, approver: 'the test' } },
      settings: { analyzer: { retention: '1h', policy }, loadgen: { host: 'generator', acceptBlind: ['gc-log'] } },
      hosts: ({ bridge }) => ({ generator: { probe: 'local', network: { ...fastCard, devices: [bridge] } } }),
    }),
  );
  const { config, configPath, room } = site;
  if (config.broker !== 'kafka') throw new Error('it is no Kafka');
  const file = (name: string) => join(room.folder, name);
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const keep = async (name: string, text: string) => {
    await writeFile(file(name), text);
    return file(name);
  };
  const begun = Date.now();
  const tell = (line: string) => process.stdout.write(`${Math.round((Date.now() - begun) / 1000)} s: ${line}\n`);
  /** @throws Error unless the exit code is one of these */
  async function plimsoll(words: readonly string[], codes: readonly number[] = [0]): Promise<string> {
    const { exitCode, stdout, stderr } = await runCli(...words, '--config', configPath);
    if (exitCode === undefined || !codes.includes(exitCode))
      throw new Error(`${words.join(' ')}: ${exitCode} ${stderr}`);
    return stdout;
  }
  const kept = opened.move();

  return {
    site: { ...site, config },
    keep,
    chapter: (name: string) => tell(name),
    note: (name: string, value: unknown) => tell(`${name}: ${JSON.stringify(value)}`),
    /** Sets the retention of all topics to the one that the verdicts assume. */
    async keepMessages(milliseconds: string) {
      const setting = ['--all-brokers', '--set', `log.retention.ms=${milliseconds}`, '--accept-readers'];
      const confirmed = ['--execute', '--confirm', config.clusterId as string, '--state-dir', file('state')];
      await plimsoll(['ops', 'kafka', 'alter-config', ...setting, ...confirmed]);
    },
    async test(name: string, words: readonly string[]) {
      const isWorkload = words.length === 1;
      const size = ['--message-size', String(messageBytes), '--groups', '1', '--partitions', '12', '--acks', 'all'];
      await plimsoll(['run', ...words, ...(isWorkload ? [] : size), '--out', file(name)], [0, 3]);
      const text = await plimsoll(['analyze', file(name), '--json'], [0, 3]);
      const analysis = Analysis.parse(JSON.parse(text));
      const { safeMaxTps, consumerGroups, withoutOne, findings } = analysis;
      tell(
        `${name}: ${JSON.stringify({ safeMaxTps, consumerGroups, withoutOne, findings: findings.map(({ code }) => code) })}`,
      );
      return { path: await keep(`${name}.json`, text), analysis };
    },
    /** Forecasts from eight weeks of hourly load with three promotions, and one promotion today. */
    async forecast(promotionTps: number) {
      const past = [-42, -28, -14];
      const hours = Array.from({ length: 56 * 24 }, (_, hour) => {
        const days = Math.floor(hour / 24) - 56;
        const season = 0.75 + 0.25 * Math.sin(((hour % 24) - 9) * (Math.PI / 12));
        const noise = 1 + 0.01 * Math.sin(hour * 12.9898);
        const tps = (past.includes(days) ? promotionTps : usualTps) * season * noise;
        return `${day(days)}T${String(hour % 24).padStart(2, '0')}:00:00Z,${tps.toFixed(1)}`;
      });
      const history = await keep('orders.csv', `time,value\n${hours.join('\n')}\n`);
      const days = [...past, 0].map((each) => ({ name: promotion, on: day(each) }));
      const promotions = await keep('promotions.yaml', stringify({ promotions: days }));
      const text = await plimsoll(['forecast', history, '--promotions', promotions, '--horizon', '1d', '--json']);
      const { peak } = JSON.parse(text) as { peak: { value: number; low: number; high: number } };
      tell(`forecast: ${JSON.stringify(peak)}`);
      return { peak, path: await keep('ahead.json', text) };
    },
    async report(analyses: readonly string[], forecast: string) {
      const settings = await keep('now.json', await plimsoll(['get', 'fingerprint', '--cluster', cluster, '--json']));
      const name = `report-${analyses.length}.json`;
      const days = ['--from', day(0), '--to', day(0)];
      const inputs = [
        ...analyses.map((path) => `--analysis=${cluster}=${path}`),
        `--forecast=${cluster}=${forecast}`,
        `--settings=${cluster}=${settings}`,
        `--message-size=${cluster}=${messageBytes}`,
      ];
      const words = ['report', '--promotion', promotion, ...days, '--format', 'json', '--out', file(name), '--force'];
      await plimsoll([...words, ...inputs], [0, 6]);
      const [verdict] = CapacityReport.parse(JSON.parse(await readFile(file(name), 'utf8'))).verdicts;
      const { decision, reasons = [], conditions } = verdict ?? {};
      return { decision, codes: reasons.map(({ code }) => code), reasons, conditions, path: file(name) };
    },
    async redline() {
      const bundle = file('redline');
      const words = '--broker 101 --hold 10s --step 20% --sample 8s --max-moves 80 --execute --json'.split(' ');
      const confirmed = ['--confirm', config.clusterId as string, '--state-dir', file('state')];
      const text = await plimsoll(['redline', '--cluster', cluster, ...words, ...confirmed, '--out', bundle]);
      const analysis = await plimsoll(['analyze', bundle, '--json'], [0, 3]);
      return { ...RedlineDocument.parse(JSON.parse(text)), path: await keep('redline.json', analysis) };
    },
    /** Starts the exporter and Prometheus, as in production. */
    async watch() {
      const words = ['exporter', '--config', configPath, '--state-dir', file('exporter'), '--listen', '127.0.0.1:0'];
      await using running = new AsyncDisposableStack();
      const exporter = running.adopt(
        spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'inherit'] }),
        async (child) => {
          child.kill('SIGINT');
          await once(child, 'exit');
        },
      );
      const [line] = (await once(createInterface(exporter.stdout), 'line')) as [string];
      const prometheus = running.use(
        await startPrometheus({
          job: 'plimsoll',
          scrapes: [new URL(line.replace('listening on ', '')).host],
          everySeconds: 5,
        }),
      );
      await prometheus.untilAnswered('up == 1');
      const whole = running.move();
      return { url: prometheus.url, [Symbol.asyncDispose]: () => whole.disposeAsync() };
    },
    async review(report: string, prometheus: string) {
      const load = `${cluster}=sum(max without (instance) (rate(kafka_topic_partition_current_offset{topic!~"__.*"}[30s])))`;
      const source = ['--prometheus', prometheus, '--load', load, '--report', report];
      return JSON.parse(await plimsoll(['review', '--promotion', promotion, ...source, '--json']));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
