// Checks that the guard stops the load within a second for each trigger, and does not touch other data.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { RunDocument } from '../../../core/documents/run-bundle.ts';
import { addBystanders, type Bystanders } from '../../support/bystanders.ts';
import { configWith } from '../../support/config-with.ts';
import { startKafka, type RunningKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { linesOf, startLoad, type LoadInProgress } from '../../support/load-in-progress.ts';
import { spawnPlimsoll } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { runCli } from '../../support/run-cli.ts';

const rate = 200;
const megabyte = 2 ** 20;

requires('java', 'maven', 'root', 'prometheus').describe('the guard on a real broker', () => {
  const opened = new AsyncDisposableStack();
  let folder: string;
  let disk: string;
  let kafka: RunningKafka;
  let bystanders: Bystanders;
  let before: unknown;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-guard-'));
    opened.defer(() => rm(folder, { recursive: true }));
    disk = await mkdtemp(join(tmpdir(), 'plimsoll-guard-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1g', 'plimsoll-test', disk]);
    opened.defer(async () => {
      execFileSync('umount', ['-l', disk]);
      await rm(disk, { recursive: true });
    });
    kafka = opened.use(await startKafka({ parent: disk }));
    bystanders = opened.use(await addBystanders(kafka.bootstrap, join(dirname(kafka.configPath), 'broker-1', 'data')));
    // Compared after all tests.
    if (fullMatrix) before = await bystanders.look();
  });
  afterAll(() => opened.disposeAsync());

  /** Starts a minute of load, guarded by the lab's config and these settings. */
  async function load(name: string, guard: Record<string, unknown> = {}): Promise<LoadInProgress> {
    const config = await configWith(kafka.configPath, join(folder, `${name}.yaml`), ({ loadgen }) => {
      loadgen['guard'] = guard;
    });
    const out = join(folder, name);
    const shape = `--rate-steps ${rate} --step-duration 60s --warm-up 1s --message-size 500 --partitions 2`;
    const run = startLoad(out, ['--config', config, '--out', out, '--json', ...shape.split(' ')]);
    // A failed test must not leave load to the next one.
    onTestFinished(async () => {
      run.child.kill('SIGKILL');
      await run.ended;
    });
    return run;
  }

  /** Waits for the end that the guard caused. @returns its line and time, in milliseconds since the epoch */
  async function stopped({ ended, directory, journal }: LoadInProgress) {
    const { exitCode, stdout } = await ended;
    const told = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect([exitCode, told.error.code]).toEqual([6, 'load-stopped']);
    const lines = journal();
    const [breach, ...more] = linesOf(lines, 'guard');
    if (breach === undefined) throw new Error('the journal has no line of the guard');
    expect(more).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ kind: 'run-ended', status: 'stopped', reason: breach.reason });
    expect(told.error.message).toContain(breach.reason);
    const produced = linesOf(lines, 'produced');
    const sent = produced.reduce((sum, line) => sum + line.sent, 0);
    // The rate is constant, so the number of sent messages shows when the load stopped.
    expect(sent / rate).toBeLessThan(breach.elapsedSeconds + 1);
    expect(sent / rate).toBeGreaterThan(2);
    const after = produced.filter((line) => line.elapsedSeconds - line.intervalSeconds >= breach.elapsedSeconds);
    expect(after.reduce((sum, line) => sum + line.intended, 0)).toBe(0);
    expect(produced.every((line) => line.failed === 0)).toBe(true);
    const document = RunDocument.parse(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')));
    if (document.origin !== 'load-test') throw new Error('not a load test');
    return { breach, at: Date.parse(document.startedAt) + 1000 * breach.elapsedSeconds };
  }

  async function startExporter() {
    const words = ['--config', kafka.configPath, '--listen', '127.0.0.1:0', '--state-dir', join(folder, 'state')];
    const { child, written, finished } = spawnPlimsoll(['exporter', ...words]);
    const kill = async () => {
      child.kill('SIGKILL');
      await finished;
    };
    while (!/listening on \S+/.test(written.stdout)) await once(child.stdout, 'data');
    const url = new URL(/listening on (\S+)/.exec(written.stdout)?.[1] ?? '');
    return { page: new URL('/metrics', url).href, host: url.host, kill, [Symbol.asyncDispose]: kill };
  }

  test('a file named stop ends the load', async () => {
    const run = await load('stop-file');
    await run.untilSecond(3);
    await writeFile(join(run.directory, 'stop'), '');
    const asked = Date.now();
    const { breach, at } = await stopped(run);
    expect(breach.input).toBe('stop file');
    expect(at - asked).toBeLessThan(1000);
  });

  if (!fullMatrix) return;
  test('`plimsoll stop` ends the load, and its reason is in the journal', async () => {
    const run = await load('stop-command');
    await run.untilSecond(3);
    const told = await runCli('stop', run.directory, '--reason', 'orders are slow', '--json');
    expect([told.exitCode, JSON.parse(told.stdout)]).toMatchObject([0, { stopped: 'http' }]);
    const { breach } = await stopped(run);
    expect(breach.reason).toContain('orders are slow');
    const again = await runCli('stop', run.directory, '--json');
    expect([again.exitCode, JSON.parse(again.stdout)]).toMatchObject([2, { error: { code: 'not-found' } }]);
  });

  test('POST /stop ends the load only with its token', async () => {
    const run = await load('stop-post');
    await run.untilSecond(3);
    const control = JSON.parse(await readFile(join(run.directory, 'control.json'), 'utf8')) as {
      url: string;
      token: string;
    };
    const post = (token: string) =>
      fetch(`${control.url}/stop`, { method: 'POST', headers: { Authorization: `Bearer ${token}` }, body: 'enough' });
    expect((await post('guessed')).status).toBe(403);
    await run.untilSecond(5);
    const asked = Date.now();
    expect((await post(control.token)).status).toBe(202);
    const { breach, at } = await stopped(run);
    expect(breach.reason).toContain('enough');
    expect(at - asked).toBeLessThan(1000);
  });

  test('a disk of the broker that fills up ends the load before it is full', async () => {
    const run = await load('disk');
    await run.untilSecond(3);
    const { bavail, bsize } = await statfs(disk);
    const ballast = join(disk, 'ballast');
    execFileSync('fallocate', ['-l', String(bavail * bsize - 30 * megabyte), ballast]);
    const filled = Date.now();
    try {
      const { breach, at } = await stopped(run);
      expect(breach).toMatchObject({ limit: 0.05 });
      expect(breach.value).toBeLessThan(0.05);
      expect(breach.input).toContain(`disk of broker ${kafka.brokers[0]?.id}`);
      // Checked once a second.
      expect(at - filled).toBeLessThan(2000);
    } finally {
      await rm(ballast);
    }
  });

  test("a threshold crossed on the exporter's page ends the load", async () => {
    await using exporter = await startExporter();
    const metric = 'kafka_topic_partition_current_offset{topic="filler"}';
    const run = await load('page', { rules: [{ page: exporter.page, metric, above: 3000, every: '5s' }] });
    await run.untilSecond(3);
    await bystanders.fill(4000);
    const crossed = Date.now();
    const { breach, at } = await stopped(run);
    expect(breach).toMatchObject({ input: metric, limit: 3000 });
    expect(breach.value).toBeGreaterThan(3000);
    // The page is read every five seconds, and a busy machine takes as long to write it.
    expect(at - crossed).toBeLessThan(11_000);
  });

  test('a threshold crossed in Prometheus ends the load, and one already crossed prevents the start', async () => {
    await using exporter = await startExporter();
    await using prometheus = await startPrometheus({ job: 'plimsoll', scrapes: [exporter.host], everySeconds: 2 });
    const query = 'sum(kafka_topic_partition_current_offset{topic="filler"})';
    await prometheus.untilAnswered(query);
    const [now] = await prometheus.query(query);
    const above = Number(now?.value) + 2000;
    const rules = [{ prometheus: prometheus.url, query, above, name: 'filler', every: '5s' }];
    const run = await load('prometheus', { rules });
    await run.untilSecond(3);
    await bystanders.fill(4000);
    const crossed = Date.now();
    const { breach, at } = await stopped(run);
    expect(breach).toMatchObject({ input: 'filler', limit: above });
    // Scraped every two seconds, queried every five.
    expect(at - crossed).toBeLessThan(13_000);

    const second = await load('prometheus-again', { rules });
    const { exitCode, stdout } = await second.ended;
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([6, { error: { code: 'load-stopped' } }]);
    expect(existsSync(second.directory)).toBe(false);
  });

  test('an unavailable value prevents the start of the load', async () => {
    const run = await load('unreachable', {
      rules: [{ page: 'http://127.0.0.1:9/metrics', metric: 'up', below: 1 }],
    });
    const { exitCode, stdout } = await run.ended;
    const told = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect([exitCode, told.error.code]).toEqual([5, 'guard-input-unreadable']);
    expect(told.error.message).toContain('http://127.0.0.1:9/metrics');
    expect(existsSync(run.directory)).toBe(false);
  });

  test('a page that stops responding ends the load once its last value is older than two intervals', async () => {
    await using exporter = await startExporter();
    const run = await load('page-dies', {
      rules: [{ page: exporter.page, metric: 'kafka_brokers', below: 1, every: '3s' }],
    });
    await run.untilSecond(3);
    const killed = Date.now();
    await exporter.kill();
    const { breach, at } = await stopped(run);
    expect(breach.reason).toMatch(/^kafka_brokers was not seen for [6-9] s: cannot read http/);
    expect(at - killed).toBeLessThan(10_000);
  });

  test('a Prometheus target that goes down ends the load', async () => {
    const exporter = await startExporter();
    await using _ = exporter;
    await using prometheus = await startPrometheus({ job: 'plimsoll', scrapes: [exporter.host], everySeconds: 2 });
    await prometheus.untilAnswered('kafka_brokers');
    const run = await load('target-dies', {
      rules: [{ prometheus: prometheus.url, query: 'sum(kafka_brokers)', below: 1, every: '4s' }],
    });
    await run.untilSecond(3);
    const killed = Date.now();
    await exporter.kill();
    const { breach, at } = await stopped(run);
    expect(breach.reason).toMatch(/was not seen for [4-6] s: its Prometheus has none of the last 4 s$/);
    // Up to two seconds until the next scrape fails, then two intervals, and one more check.
    expect(at - killed).toBeLessThan(12_000);
  });

  test('cleanup deletes what a killed run left, and nothing else', async () => {
    const run = await load('killed');
    await run.untilSecond(3);
    run.child.kill('SIGKILL');
    await run.ended;
    const cleanUp = [
      'run',
      '--config',
      kafka.configPath,
      '--cleanup',
      run.directory,
      '--confirm',
      liveNameOf(kafka),
      '--json',
    ];
    const first = await runCli(...cleanUp);
    const { deleted } = JSON.parse(first.stdout) as { deleted: { topics: string[]; groups: string[] } };
    expect(first.exitCode, first.stderr).toBe(0);
    expect(deleted.topics).toHaveLength(1);
    expect(deleted.groups).toHaveLength(1);
    const second = await runCli(...cleanUp);
    expect([second.exitCode, JSON.parse(second.stdout)]).toMatchObject([0, { deleted: { topics: [], groups: [] } }]);
  });

  test('topics, groups and bytes of others are unchanged', async () => {
    expect(await bystanders.look()).toEqual(before);
  });
});
