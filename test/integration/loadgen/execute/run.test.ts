import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { driverOf } from '../../../../brokers/registry.ts';
import { ClusterConfig } from '../../../../brokers/config.ts';
import { JournalLine, RunDocument } from '../../../../core/documents/run-bundle.ts';
import { TelemetryRecord } from '../../../../core/documents/evidence/telemetry.ts';
import { startKafka, type RunningKafka } from '../../../support/kafka.ts';
import { fullMatrix, requires } from '../../../support/prerequisites.ts';
import { runCli, startCli } from '../../../support/run-cli.ts';

const linesOf = (directory: string, name: string) => readFileSync(join(directory, name), 'utf8').split('\n');

/** Reads all except the text after the last newline, which a crash may have truncated. */
const readJournal = (directory: string) =>
  linesOf(directory, 'journal.ndjson')
    .slice(0, -1)
    .map((line) => JournalLine.parse(JSON.parse(line)));

const sumOf = (journal: readonly JournalLine[], of: (line: JournalLine) => number) =>
  journal.reduce((sum, line) => sum + of(line), 0);
const acknowledged = (line: JournalLine) => (line.kind === 'produced' ? line.acknowledged : 0);

async function untilSecond(directory: string, second: number): Promise<void> {
  for (;;) {
    await delay(50);
    if (!existsSync(join(directory, 'journal.ndjson'))) continue;
    if (readJournal(directory).some((line) => line.kind === 'produced' && line.elapsedSeconds >= second)) return;
  }
}

requires('java', 'maven').describe('a run on a real broker', () => {
  let kafka: RunningKafka;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-runs-'));
    kafka = await startKafka();
  });
  afterAll(async () => {
    await kafka[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const words = (name: string, rates: string, duration: string, ...more: string[]) => [
    ...`run --config ${kafka.configPath} --out ${join(folder, name)} --message-size 500`.split(' '),
    ...`--rate-steps ${rates} --step-duration ${duration} --warm-up 1s`.split(' '),
    ...more,
  ];

  async function topics(): Promise<string[]> {
    const config = ClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    const { signal } = new AbortController();
    await using inspector = await driverOf(config).inspect('lab', config, { signal });
    const snapshot = await inspector.snapshot({ signal });
    return [...snapshot.topics.filter(({ internal }) => !internal), ...snapshot.groups].map(({ name }) => name);
  }

  test('delivers every acknowledged message to both groups, and leaves nothing on the cluster', async () => {
    const { exitCode, stdout } = await runCli(...words('steps', '500,1000,2000', '1s', '--groups', '2', '--json'));
    // One second of warm-up at 500, then one second per step.
    const sent = 500 + 500 + 1000 + 2000;
    const received = { received: sent, lost: 0, unread: 0, duplicated: 0, corrupted: 0, foreign: 0 };
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        run: { status: 'completed' },
        ledger: {
          sent,
          acknowledged: sent,
          groups: [received, received],
          isExact: true,
          agreement: { agrees: true, grown: sent, notCompared: 0 },
        },
      },
    ]);
    const directory = join(folder, 'steps');
    const journal = readJournal(directory);
    expect(sumOf(journal, acknowledged)).toBe(sent);
    for (const group of [1, 2]) {
      const received = sumOf(journal, (line) =>
        line.kind === 'consumed' && line.worker === `consumer-${group}` ? line.messages : 0,
      );
      expect(received).toBe(sumOf(journal, acknowledged));
    }
    expect(journal.at(-1)).toMatchObject({ kind: 'run-ended', status: 'completed' });
    for (const line of linesOf(directory, 'telemetry.ndjson').slice(0, -1)) TelemetryRecord.parse(JSON.parse(line));
    const document = RunDocument.parse(JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')));
    expect(document.environment).toMatchObject({ brokers: [{ id: '1', host: 'local' }], generatorHost: 'local' });
    expect(await topics()).toEqual([]);
  });

  test('sends nothing without a loadTest permission, and `plimsoll stop` ends an active run', async () => {
    const bare = join(folder, 'bare.yaml');
    await writeFile(bare, `clusters: { lab: { broker: kafka, bootstrap: ["${kafka.bootstrap[0]}"] } }\n`);
    const load = '--rate-steps 500 --step-duration 60s --message-size 500 --json'.split(' ');
    const refused = await runCli('run', '--config', bare, '--out', join(folder, 'refused'), ...load);
    expect([refused.exitCode, JSON.parse(refused.stdout)]).toMatchObject([2, { error: { code: 'load-test-refused' } }]);
    expect(existsSync(join(folder, 'refused'))).toBe(false);

    const directory = join(folder, 'stopped');
    const { ended } = startCli(words('stopped', '500', '50s', '--json'));
    await untilSecond(directory, 2);
    await runCli('stop', directory, '--reason', 'enough');
    const { exitCode, stdout } = await ended;
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([6, { error: { code: 'load-stopped' } }]);
    const journal = readJournal(directory);
    expect(journal.at(-1)).toMatchObject({ kind: 'run-ended', status: 'stopped' });
    expect(sumOf(journal, acknowledged)).toBe(sumOf(journal, (line) => (line.kind === 'produced' ? line.sent : 0)));
    expect(await topics()).toEqual([]);
  });

  // resume.test.ts covers more of resumed runs.
  if (fullMatrix) {
    test('loses at most the last second of the bundle on kill -9, and the resumed run is checked with it', async () => {
      const directory = join(folder, 'killed');
      const { child, ended } = startCli(words('killed', '500', '50s'));
      await untilSecond(directory, 2);
      child.kill('SIGKILL');
      await ended;
      const journal = readJournal(directory);
      const produced = journal.filter((line) => line.kind === 'produced');
      // Every second from the first on is present, in order, and complete.
      expect(produced.map((line) => Math.round(line.elapsedSeconds))).toEqual(produced.map((_, index) => index + 1));
      expect(produced.length).toBeGreaterThanOrEqual(2);
      expect(journal.some(({ kind }) => kind === 'run-ended')).toBe(false);
      expect(RunDocument.safeParse(JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'))).success).toBe(true);

      // Ctrl-C drains, reports the abort and deletes the topic.
      const resumed = startCli(['run', '--config', kafka.configPath, '--resume', directory, '--json']);
      await untilSecond(directory, (produced.at(-1)?.elapsedSeconds ?? 0) + 3);
      resumed.child.kill('SIGINT');
      const { exitCode, stdout } = await resumed.ended;
      expect([exitCode, JSON.parse(stdout)]).toMatchObject([130, { error: { code: 'aborted' } }]);
      const { run, ledger } = JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')) as {
        run: { status: string };
        ledger: unknown;
      };
      expect(run.status).toBe('aborted');
      expect(ledger).toMatchObject({
        groups: [{ lost: 0, duplicated: 0, corrupted: 0 }],
        isExact: true,
        agreement: { notCompared: 0 },
      });
      expect(await topics()).toEqual([]);
    });
  }

  if (fullMatrix) {
    test('is refused before any load if its folder exists or its topic has other partitions', async () => {
      const taken = await runCli(...words('steps', '500', '1s', '--json'));
      expect([taken.exitCode, JSON.parse(taken.stdout)]).toMatchObject([2, { error: { code: 'run-exists' } }]);

      const config = ClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      const io = { signal: new AbortController().signal };
      await using admin = await driverOf(config).administer('lab', config, io);
      await admin.createTopic({ name: 'plimsoll-taken', partitions: 2, replicationFactor: 1 }, io);
      const conflict = await runCli(
        ...words('conflict', '500', '1s', '--json', '--topic', 'plimsoll-taken', '--partitions', '3'),
      );
      expect([conflict.exitCode, JSON.parse(conflict.stdout)]).toMatchObject([
        2,
        { error: { code: 'topic-conflict' } },
      ]);
      expect(existsSync(join(folder, 'conflict'))).toBe(false);

      const adopted = await runCli(...words('adopted', '500', '1s', '--topic', 'plimsoll-taken'));
      expect(adopted.exitCode).toBe(0);
      expect(await topics()).toContain('plimsoll-taken');
      await admin.deleteTopic('plimsoll-taken', io);
    });
  }

  requires('root', 'ip').test('enters the network namespace in its config', async () => {
    // A fresh namespace has no loopback that is up, so the broker must be reachable from outside.
    const namespace = `plimsoll-run-${process.pid}`;
    execFileSync('ip', ['netns', 'add', namespace]);
    try {
      const config = join(folder, 'namespace.yaml');
      await writeFile(
        config,
        `clusters: { lab: { broker: kafka, bootstrap: ["${kafka.bootstrap[0]}"], clusterId: any, loadTest: { window: always, maxTps: 1000, maxNicShare: 1, topicPrefix: plimsoll-, approver: a test } } }\nloadgen: { networkNamespace: ${namespace} }\n`,
      );
      const { exitCode, stdout } = await runCli(
        ...`run --config ${config} --out ${join(folder, 'inside')} --json`.split(' '),
        ...'--rate-steps 100 --step-duration 1s --message-size 500'.split(' '),
      );
      expect([exitCode, JSON.parse(stdout)]).toMatchObject([5, { error: { code: 'broker-unreachable' } }]);
      expect(existsSync(join(folder, 'inside'))).toBe(false);
    } finally {
      execFileSync('ip', ['netns', 'delete', namespace]);
    }
  });

  // Must be last, because it stops the broker.
  test('ends with a clear error and a partial result when the broker is killed with -9', async () => {
    const directory = join(folder, 'orphaned');
    const { ended } = startCli(words('orphaned', '500', '50s', '--json'));
    await untilSecond(directory, 2);
    process.kill(kafka.brokers[0]?.pid ?? Number.NaN, 'SIGKILL');
    const { exitCode, stdout, stderr } = await ended;
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'run-failed' } });
    expect(stderr).toContain('not deleted from the cluster: topic plimsoll-');
    const journal = readJournal(directory);
    expect(journal.at(-1)).toMatchObject({ kind: 'run-ended', status: 'failed' });
    expect(sumOf(journal, acknowledged)).toBeGreaterThan(500);
  });
});
