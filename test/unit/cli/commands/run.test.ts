import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommandLine } from '../../../../cli/command-line.ts';
import { commands } from '../../../../cli/registry.ts';
import { systemClock } from '../../../../core/clock.ts';

const cluster = 'broker: kafka, bootstrap: ["127.0.0.1:1"]';
const allowed =
  'loadTest: { window: always, maxTps: 1000000, maxNicShare: 1, topicPrefix: plimsoll-, approver: a test }';

async function run(clusters: string, words: string, workload?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const config = join(folder, 'plimsoll.yaml');
  await writeFile(config, `clusters: ${clusters}\n`);
  await writeFile(join(folder, 'workload.yaml'), workload ?? '{}');
  let stdout = '';
  let stderr = '';
  const exitCode = await runCommandLine(
    [
      'run',
      '--config',
      config,
      '--out',
      join(folder, 'out'),
      ...words.replace('WORKLOAD', join(folder, 'workload.yaml')).split(' '),
    ],
    commands,
    {
      stdout: { write: (text) => void (stdout += text), isTerminal: false, columns: 100 },
      stderr: { write: (text) => void (stderr += text), isTerminal: false, columns: 100 },
      signal: new AbortController().signal,
      environment: {},
      clock: systemClock,
    },
  );
  return { exitCode, stdout, stderr, hasBundle: existsSync(join(folder, 'out')) };
}

const load = '--rate-steps 1000,2000 --step-duration 10s --message-size 500';

test('a dry run shows the plan, connects to no broker and creates no folder', async () => {
  const { exitCode, stdout, hasBundle } = await run(`{ lab: { ${cluster} } }`, `${load} --dry-run`);
  expect([exitCode, hasBundle]).toEqual([0, false]);
  expect(stdout).toContain('40,000 of 500 bytes: 20 MB before replication, in 30 s');
  expect(stdout).toContain('deleted afterwards if this run created it');
});

test('a dry run warns about steps too short for a verdict, and not about longer ones', async () => {
  const short = '--rate-steps 1000,2000 --step-duration 5s --message-size 500 --dry-run';
  const said = 'too short for a verdict';
  expect((await run(`{ lab: { ${cluster} } }`, short)).stdout).toContain(`steps of 5 s are ${said}: give 8 s or more`);
  expect((await run(`{ lab: { ${cluster} } }`, `${load} --dry-run`)).stdout).not.toContain(said);
});

test.each([
  [cluster, '{ duration: 1s }', 'acknowledged up to 1 s later', '100 s'],
  ['broker: rocketmq, namesrv: ["127.0.0.1:1"]', '{ leftToCheck: 1% }', 'acknowledged up to 90 s later', '90 s'],
])('with %s, a dry run warns about steps too short for transactions %s', async (of, transactions, late, enough) => {
  const planned = async (duration: string) => {
    const profile = `{ kind: steps, rates: [1000, 2000], stepDuration: ${duration} }`;
    const workload = `messageSize: 500B\ntransactions: ${transactions}\nprofile: ${profile}\n`;
    return (await run(`{ lab: { ${of} } }`, '--workload WORKLOAD --dry-run', workload)).stdout;
  };
  const short = await planned('10s');
  expect(short).toContain('steps of 10 s are too short for these transactions');
  expect(short).toContain(late);
  expect(short).toContain(`give ${enough} or more`);
  const long = await planned(enough.replace(' ', ''));
  expect(long).toContain('dry run: nothing was sent');
  expect(long).not.toContain('too short');
});

test('a dry run as JSON is one document', async () => {
  const { stdout } = await run(`{ lab: { ${cluster} } }`, `${load} --dry-run --json`);
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    run: { status: 'planned' },
    messages: 40_000,
    payloadBytes: 20_000_000,
    durationSeconds: 30,
    steps: [
      { targetTps: 1000, durationSeconds: 10 },
      { targetTps: 2000, durationSeconds: 10 },
    ],
  });
});

test('options override the workload file', async () => {
  const workload = 'messageSize: 1KiB\nprofile: { kind: steps, rates: [5], stepDuration: 1m }\n';
  const { stdout } = await run(`{ lab: { ${cluster} } }`, '--workload WORKLOAD --rate-steps 10 --dry-run', workload);
  expect(stdout).toContain('1 step of 60 s, 10 msg/s');
  expect(stdout).toContain('of 1024 bytes');
});

test('find-safe uses the limits of the config file', async () => {
  const config = `{ lab: { ${cluster} } }\nanalyzer: { policy: { network: 60%, disk: 50% } }`;
  const workload = 'messageSize: 1KiB\nprofile: { kind: find-safe, start: 1000 }\n';
  const { stdout } = await run(config, '--workload WORKLOAD --dry-run', workload);
  expect(stdout).toMatch(/cpu <= 70%, disk-io <= 50%, network-in <= 60%, network-out <= 60%/);
});

test.each([
  ['{ a: { X }, b: { X } }', load, '--cluster is missing; clusters: a, b'],
  ['{ a: { X } }', `${load} --cluster b`, 'no cluster b; clusters: a'],
  ['{ a: { X } }', '--rate-steps fast --message-size 500', '--rate-steps: "fast" is not a number'],
  ['{ a: { X } }', '--message-size 500', 'no rate is given'],
])('%s and %s is a usage error', async (clusters, words, message) => {
  const { exitCode, stderr, hasBundle } = await run(clusters.replaceAll('X', cluster), words);
  expect([exitCode, hasBundle]).toEqual([2, false]);
  expect(stderr).toContain(message);
});

test('names a misspelt key of the workload file with its line and the nearest key', async () => {
  const { exitCode, stderr } = await run(`{ lab: { ${cluster} } }`, '--workload WORKLOAD', 'mesageSize: 500B\n');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/workload\.yaml:1.*mesageSize.*messageSize/s);
});

test('does not connect without a loadTest block', async () => {
  const { exitCode, stderr, hasBundle } = await run(`{ lab: { ${cluster} } }`, load);
  expect([exitCode, hasBundle]).toEqual([2, false]);
  expect(stderr).toContain('cluster lab has no loadTest block');
});

test('an unreachable broker leaves no folder behind', async () => {
  const { exitCode, stderr, hasBundle } = await run(`{ lab: { ${cluster}, ${allowed} } }`, load);
  expect([exitCode, hasBundle]).toEqual([5, false]);
  expect(stderr).toContain('127.0.0.1:1');
});
