import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { alterClientQuotas, type QuotaChange } from '../../support/client-quotas.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { JournalLine, RunDocument } from '../../../core/documents/run-bundle.ts';
import { startKafka, type RunningKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { runCli } from '../../support/run-cli.ts';

const io = () => ({ signal: AbortSignal.timeout(30_000) });
if (fullMatrix) {
  requires('java', 'maven').test(
    'a run above a client quota has the quota in run.json and throttled seconds in its journal',
    runPastQuota,
    180_000,
  );
}

async function runPastQuota(): Promise<void> {
  await using kafka = await startKafka();
  await setQuotas(kafka, { producer_byte_rate: 4e6, consumer_byte_rate: 4e6 });
  const { exitCode, stderr, document, journal } = await runPast(kafka, '8000', '8s');
  expect(exitCode).toBe(0);
  expect(stderr).toContain('client quota 4 MB/s per broker (client-id=<default>) applies to the producers');
  expect(stderr).toContain('this quota throttles the producers from about');
  expect(document.configuredLimits).toMatchObject({
    quotas: [
      { kind: 'produce-quota', value: 4e6, entity: 'client-id=<default>', shares: 1 },
      { kind: 'fetch-quota', value: 4e6, entity: 'client-id=<default>', shares: 1 },
    ],
    brokers: [{ id: '1', requestHandlers: expect.any(Number) as number, maxConnections: 2_147_483_647 }],
  });
  for (const kind of ['produced', 'consumed'] as const) {
    const seconds = journal.flatMap((line) =>
      line.kind === kind && 'throttled' in line ? [line.throttled?.seconds ?? Number.NaN] : [],
    );
    expect(
      seconds.every((each) => each >= 0),
      kind,
    ).toBe(true);
    expect(Math.max(...seconds), kind).toBeGreaterThan(0);
  }

  await setQuotas(kafka, { producer_byte_rate: undefined, consumer_byte_rate: undefined });
  const free = await runPast(kafka, '500', '1s');
  expect(free.document.configuredLimits).toMatchObject({ quotas: [] });
  expect(free.journal.some((line) => line.kind === 'produced' && line.throttled?.answers !== 0)).toBe(false);
}

async function setQuotas(kafka: RunningKafka, values: QuotaChange['values']): Promise<void> {
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
  await alterClientQuotas('lab', config, [{ entity: { clientId: null }, values }], io());
}

async function runPast({ configPath }: RunningKafka, rate: string, duration: string) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-quota-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const directory = join(folder, 'run');
  const words = `run --config ${configPath} --out ${directory} --message-size 1024 --groups 1 --rate-steps ${rate}`;
  const ran = await runCli(...words.split(' '), '--step-duration', duration, '--warm-up', '0s', '--no-calibration');
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  const document = RunDocument.parse(JSON.parse(read('run.json')));
  if (document.origin !== 'load-test') throw new Error('not a load test');
  const journal = read('journal.ndjson')
    .split('\n')
    .filter(Boolean)
    .map((line) => JournalLine.parse(JSON.parse(line)));
  return { ...ran, document, journal };
}
