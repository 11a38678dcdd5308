import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cleanUpRun, confirmList } from '../../../../app/load-test/clean-up-run.ts';
import { resumedRun } from '../../../../app/load-test/resumed-run.ts';
import { KafkaClusterConfig } from '../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { RehearsalStamp } from '../../../../core/documents/rehearsal.ts';
import { AppError } from '../../../../core/errors.ts';
import { thisProcess } from '../../../../core/started-process.ts';
import { claimBundle } from '../../../../loadgen/execute/control/bundle-claim.ts';
import { writeControlFile } from '../../../../loadgen/execute/control/control-file.ts';
import { clusterDigest } from '../../../../loadgen/record/bundle/resumption.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createFakeBroker } from '../../../support/fake-broker.ts';
import { runInMemory, type GivenRun } from '../../../support/run-in-memory.ts';
import { runWords } from '../../../support/run-words.ts';
import { shortSearch } from '../../../support/short-search.ts';

const stderr = { write: () => {}, isTerminal: false, columns: 80 };
const io = { signal: new AbortController().signal, clock: systemClock, confirm: async () => {}, stderr };
const other = () => KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['other:9092'] });
const resumed = (directory: string, policy = examplePolicy()) =>
  resumedRun(directory, (name) => ({ name, config: other() }), policy, io);
/** The cluster of the bundle becomes the one that `resumed` finds in the config file. */
async function giveOtherCluster(directory: string): Promise<void> {
  const path = join(directory, 'run.json');
  const document = JSON.parse(await readFile(path, 'utf8')) as { resume: object };
  const config = JSON.parse(JSON.stringify(other())) as unknown;
  const resume = { ...document.resume, clusterDigest: clusterDigest(config) };
  await writeFile(path, JSON.stringify({ ...document, resume }));
}

test('a run that ended while it created its topics is cleaned up by its prepared list', async () => {
  const unanswered = () => Promise.reject(new AppError('broker-unreachable', 'no broker answers'));
  const { directory } = await runInMemory({
    tools: {
      admin: {
        createTopic: unanswered,
        deleteTopic: unanswered,
        async deleteGroup() {},
        async [Symbol.asyncDispose]() {},
      },
    },
  });
  await expect(cleanUpRun(directory, other, io)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('is not the one that') as string,
  });
  await writeFile(join(directory, 'prepared.json'), '{');
  await expect(cleanUpRun(directory, other, io)).rejects.toMatchObject({ code: 'run-unreadable' });
  await expect(cleanUpRun(`${directory}-never`, other, io)).rejects.toMatchObject({ code: 'run-missing' });
});

test('without a terminal and --confirm, a clean-up only lists what it would delete', async () => {
  let written = '';
  const found = { topics: ['plimsoll-r1'], groups: ['plimsoll-r1-1'] };
  const listing = confirmList(
    found,
    { cluster: 'lab', typed: 'id-1' },
    {
      stderr: { ...stderr, write: (text: string) => void (written += text) },
      confirm: () => Promise.reject(new AppError('usage', 'there is no terminal')),
    },
  );
  await expect(listing).rejects.toThrow('there is no terminal');
  expect(written).toBe('to be deleted from cluster lab:\n  topic plimsoll-r1\n  group plimsoll-r1-1\n');
});

test('the second of two processes that resume a load test is refused with the name of the first', async () => {
  const { directory, broker } = await runInMemory({ flags: { stepDuration: '30s' }, abortAfterSeconds: 1.2 });
  const first = await claimBundle(directory);
  const running = /^the load test of .* is running \(process \d+ on .+, since .+Z\): /;
  const refusal = {
    code: 'usage',
    message: expect.stringMatching(running) as string,
    hint: expect.stringContaining('plimsoll stop') as string,
  };
  await expect(resumed(directory)).rejects.toMatchObject(refusal);
  await expect(cleanUpRun(directory, other, io)).rejects.toMatchObject(refusal);
  // The second process read the bundle before the first one claimed it.
  const { outcome } = await runInMemory({ resume: directory, broker, flags: { stepDuration: '30s' } });
  expect(outcome).toMatchObject({ code: 'usage', message: expect.stringMatching(running) });
  await first[Symbol.asyncDispose]();
  expect((await readdir(directory)).filter((name) => name.startsWith('claim.'))).toEqual([]);
  await expect(resumed(directory)).rejects.toMatchObject({ message: expect.stringContaining('has changed since') });
});

test('a load test in another container may still run, but a killed one can be resumed', async () => {
  const { directory } = await runInMemory({ flags: { stepDuration: '30s' }, abortAfterSeconds: 1.2 });
  const path = join(directory, 'claim.00000000-0000-0000-0000-000000000000.json');
  const since = '2026-11-27T10:00:00.000Z';
  const claimed = (over: object) =>
    writeFile(path, JSON.stringify({ schemaVersion: 1, ...thisProcess(), since, ...over }));
  // Each container has a process with pid 1.
  await claimed({ pid: 1, namespace: 'pid:[1]' });
  await expect(resumed(directory)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('may be running in another container or on another machine (process 1 on '),
    hint: expect.stringContaining(`delete ${path}`),
  });
  await claimed({ started: 'before this boot/1' });
  await expect(resumed(directory)).rejects.toMatchObject({ message: expect.stringContaining('has changed since') });
  await rm(path);
});

test.each([true, false])('a resumed run has its topics and whether it accepts missing metrics: %s', async (given) => {
  const { directory } = await runInMemory({
    flags: { stepDuration: '30s' },
    abortAfterSeconds: 1.2,
    acceptBlind: given,
  });
  await giveOtherCluster(directory);
  const { plan } = await resumed(directory);
  expect(plan.topic.own).toEqual(['plimsoll-r1']);
  expect(plan.acceptBlind).toBe(given);
});

test('a resumed search uses the criteria of its start although the policy has changed', async () => {
  const profile = { kind: 'find-safe', start: 100, highest: 200, trial: '1s', soak: '1s', settle: '0s' };
  const { directory } = await runInMemory({
    file: { groups: 1, profile },
    flags: { groups: 1 },
    tools: { search: { explanation: [], options: shortSearch(200) } },
    abortAfterSeconds: 1.2,
  });
  await giveOtherCluster(directory);
  const policy = examplePolicy();
  const changed = {
    ...policy,
    limits: { ...policy.limits, cpu: { ...policy.limits.cpu, value: 0.5 } },
    saturation: { ...policy.saturation, cpu: { ...policy.saturation.cpu, value: 0.5 } },
  };
  const { plan } = await resumed(directory, changed);
  expect(plan.search?.criteria.hosts.cpu).toBe(policy.limits.cpu.value);
  expect(plan.search?.criteria.generatorHosts.cpu).toBe(policy.saturation.cpu.value);
});

const rehearsal: RehearsalStamp = {
  promotion: 'Double 11 2026',
  history: {
    promotion: 'Double 11 2025',
    from: '2025-11-10T12:00:00.000Z',
    to: '2025-11-10T12:01:00.000Z',
    source: 'http://prometheus',
  },
  scale: 1,
  compress: 1,
  stepSeconds: 30,
  predicted: { kind: 'none' },
};
const steps = { kind: 'steps', rates: [200, 400], stepDuration: '30s' };
const mix = [{ share: [1, 2] }, { share: [2, 1] }];

test.each<[what: string, given: GivenRun, isResumed: boolean]>([
  ['with constant shares', { flags: { stepDuration: '30s' } }, true],
  [
    'with lists of shares',
    { file: { mix, profile: steps }, broker: createFakeBroker({ topics: { 'plimsoll-r1-1': 3, 'plimsoll-r1-2': 3 } }) },
    false,
  ],
  ['of a rehearsal', { flags: { stepDuration: '30s' }, tools: { recorded: { rehearsal } } }, false],
])('`stop` of a killed load test %s names --resume only if it is possible', async (_, given, isResumed) => {
  const { directory } = await runInMemory({ ...given, abortAfterSeconds: 1.2 });
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeControlFile(directory, { url: 'http://127.0.0.1:1', token: 'x', pid, configArgs: ' --config lab.yaml' });
  const { stderr } = await runWords('stop', directory);
  expect(stderr).toContain('no longer runs');
  expect(stderr).toContain(`\`plimsoll run --cleanup ${directory} --config lab.yaml\` deletes the topics it created`);
  expect(stderr.includes(`--resume ${directory} --config lab.yaml`)).toBe(isResumed);
  expect(stderr.includes('--resume')).toBe(isResumed);
});
