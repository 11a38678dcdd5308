import { expect, test } from 'vitest';
import { runCommandLine } from '../../../../cli/command-line.ts';
import { commands } from '../../../../cli/registry.ts';
import { systemClock } from '../../../../core/clock.ts';
import { runWords } from '../../../support/run-words.ts';

const pair = 'bytes --broker rocketmq --mode master-slave --replicas 2 --groups 1 --body 500';
const documentOf = async (words: string) => {
  const { exitCode, stdout, stderr } = await runWords(...words.split(' '), '--json');
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as {
    perMessage: Record<string, number>;
    parts: { peer: string; inBytes: number; outBytes: number }[];
    maxTps?: { networkIn: number; networkOut: number };
  };
};

test('parts add up to the bytes per message, and --link prints the rate that saturates the link', async () => {
  const account = await documentOf(`${pair} --link 1gbit`);
  expect(Object.keys(account)).toEqual(['schemaVersion', 'perMessage', 'parts', 'maxTps']);
  const { perMessage, parts, maxTps } = account;
  expect(parts.map(({ peer }) => peer)).toEqual(['producer', 'follower', 'consumer']);
  expect(parts.reduce((sum, { inBytes }) => sum + inBytes, 0)).toBeCloseTo(perMessage['networkInBytes'] ?? 0, 6);
  expect(parts.reduce((sum, { outBytes }) => sum + outBytes, 0)).toBeCloseTo(perMessage['networkOutBytes'] ?? 0, 6);
  expect((maxTps?.networkOut ?? 0) * (perMessage['networkOutBytes'] ?? 0)).toBeCloseTo((125e6 * 1514) / 1538, -2);
});

test('without a link there is no rate, and without consumers no consumer part', async () => {
  const account = await documentOf('bytes --broker kafka --replicas 1 --groups 0 --body 1KiB');
  expect(account.maxTps).toBeUndefined();
  expect(account.parts.map(({ peer }) => peer)).toEqual(['producer']);
});

test('a delayed message is stored twice', async () =>
  expect(await documentOf(`${pair} --kind delayed`)).toMatchObject({ storedPerMessage: 2 }));

test('the text shows both directions, the disk, and which direction saturates first', async () => {
  const { stdout } = await runWords(...pair.split(' '), '--link', '1gbit');
  expect(stdout).toMatch(/^rocketmq master-slave, 2 copies, body of 500 B/);
  expect(stdout).toMatch(/producer +926\.0 +317\.0\n1 follower/);
  expect(stdout).toMatch(/msg\/s in, 71,728 msg\/s out; out saturates first\.\n$/);
});

test.each([
  ['bytes', '--broker is needed'],
  [
    'bytes --broker rocketmq --mode single --replicas 2 --body 500',
    '--replicas is 2, and a single master has one copy',
  ],
  ['bytes --broker kafka --replicas 3 --body 500 --push-batch 5', '--push-batch has no meaning for kafka'],
  ['bytes --broker kafka --replicas 3 --body much', '--body: "much" is not a size'],
  [
    'bytes --broker kafka --replicas 3 --body 100000000000000000000',
    '--body is 100000000000000000000\nhint: give 2147483647 or less',
  ],
  ['bytes --broker kafka --replicas three --body 500', '--replicas: "three" is not a number'],
  ['bytes --broker kafka --replicas 3 --body 500 --link 1', '--link: "1" is not a link speed'],
  ['bytes kafka', 'takes only options'],
])('rejects %s', async (words, message) => {
  const { exitCode, stderr } = await runWords(...words.split(' '));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test.each([
  [{}, true],
  [{ NO_COLOR: '1' }, false],
])('the table on a terminal has colours unless NO_COLOR is set: %j', async (environment, hasColours) => {
  let written = '';
  const output = { write: (text: string) => void (written += text), isTerminal: true, columns: 100 };
  const { signal } = new AbortController();
  const world = { stdout: output, stderr: output, signal, environment, clock: systemClock };
  expect(await runCommandLine(pair.split(' '), commands, world)).toBe(0);
  expect(written.includes('\u001b[2m')).toBe(hasColours);
});
