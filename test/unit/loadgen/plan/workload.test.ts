import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadConfigFile } from '../../../../core/config-file.ts';
import { describeIssues, pathText } from '../../../../core/config-problem.ts';
import { completeWorkload, topicsOf, WorkloadFile } from '../../../../loadgen/plan/workload.ts';

const file = () =>
  WorkloadFile.parse({
    messageSize: '1KiB',
    acks: 'leader',
    profile: { kind: 'steps', rates: [100, 200], stepDuration: '7s' },
  });

test('options of the command line are enough without a file', () => {
  const workload = completeWorkload(undefined, { rates: [1000, 2000], stepDuration: '3s', messageSize: '500B' });
  expect(workload).toMatchObject({
    messageSize: 500,
    acks: 'all',
    groups: 1,
    linger: 0.005,
    warmUp: 10,
    profile: { kind: 'steps', rates: [1000, 2000], stepDuration: 3 },
  });
});

test('options missing on the command line come from the file rather than from defaults', () => {
  const workload = completeWorkload(file(), { rates: [5], groups: 2 });
  expect(workload).toMatchObject({
    messageSize: 1024,
    acks: 'leader',
    groups: 2,
    profile: { rates: [5], stepDuration: 7 },
  });
});

test('a mix with a size in every entry needs no other size', () => {
  const sizeWith =
    (...sizes: (string | undefined)[]) =>
    () =>
      completeWorkload(WorkloadFile.parse({ mix: sizes.map((messageSize) => ({ share: 1, messageSize })) }), {
        rates: [5],
      }).messageSize;
  expect(sizeWith('500B', '2KiB')()).toBe(500);
  expect(sizeWith('500B', undefined)).toThrow('no message size is given');
});

test('a step duration alone changes only the duration', () => {
  expect(completeWorkload(file(), { stepDuration: '1m' }).profile).toEqual({
    kind: 'steps',
    rates: [100, 200],
    stepDuration: 60,
  });
});

test.each([
  [{ messageSize: '500B' }, /no rate is given/],
  [{ rates: [10] }, /no message size/],
  [{ rates: [10], messageSize: '23B' }, /--message-size: a message has at least 24 bytes/],
  [{ rates: [10], messageSize: '500 parsecs' }, /--message-size: "500 parsecs" is not a size/],
  [{ rates: [-1], messageSize: '500B' }, /--rate-steps/],
  [{ rates: [1], stepDuration: '20', messageSize: '500B' }, /--step-duration: "20" is not a duration/],
  [{ rates: [1], messageSize: '500B', acks: 'maybe' }, /--acks/],
  [{ rates: [1], messageSize: '500B', topic: 'with space' }, /--topic: a topic name/],
  [{ rates: [0], messageSize: '500B' }, /^--rate-steps: 0 is too small; it must be more than 0$/],
  [{ rates: [1e99], messageSize: '500B' }, /^--rate-steps: 1e\+99 is too large; it must be at most 100000000$/],
  [{ rates: [1], stepDuration: '0s', messageSize: '500B' }, /^--step-duration: a step lasts longer than 0s/],
  [{ rates: [1], stepDuration: '30d', messageSize: '500B' }, /^--step-duration: .* at most 7d$/],
  [{ rates: [1], messageSize: '1TB' }, /^--message-size: a message has at most 100MiB$/],
  [{ rates: [1], messageSize: '500B', groups: 1.5 }, /^--groups: must be a whole number.*but is 1.5/],
  [
    { rates: [0], messageSize: '3B', groups: -1, workers: 65 },
    /--message-size: .*--groups: .*--workers: .*--rate-steps: /,
  ],
])('refuses %j with the name of the option', (flags, words) => {
  expect(() => completeWorkload(undefined, flags)).toThrow(words);
});

test('a misspelt key in the file is an error', () => {
  expect(WorkloadFile.safeParse({ mesageSize: '500B' }).success).toBe(false);
});

test('the shipped example is a valid workload', async () => {
  const path = fileURLToPath(new URL('../../../../examples/workloads/steps-500-bytes.yaml', import.meta.url));
  const example = await loadConfigFile(path, WorkloadFile, { signal: new AbortController().signal });
  expect(completeWorkload(example, {})).toMatchObject({
    messageSize: 500,
    profile: { kind: 'steps', stepDuration: 20 },
  });
});

const wordsOf = (written: object) =>
  describeIssues(WorkloadFile.safeParse(written).error?.issues ?? [], WorkloadFile, written).map(
    ({ path, message }) => `${pathText(path)}: ${message}`,
  );

test.each([
  [{ keys: 'zipf' }, /^keys: keys are none, or a map such as/],
  [{ keys: { kind: 'zip', distinct: 10 } }, /^keys\.kind: "zip" is not known.*did you mean zipf/],
  [{ keys: { kind: 'uniform', distinct: 1_000_000, size: 4 } }, /^keys\.size: so many keys need more bytes/],
  [{ messageSize: [{ size: '3B', weight: 1 }] }, /^messageSize\[0\]\.size: a message has at least 24 bytes/],
  [{ groups: [{ membres: 3 }] }, /^groups\[0\]\.membres: unknown key; did you mean members/],
  [
    { groups: [{ stopped: [{ from: '2s', to: '1s' }] }] },
    /^groups\[0\]\.stopped\[0\]\.to: the end of a stop must be after/,
  ],
  [{ profile: { kind: 'find-saef' } }, /^profile\.kind: .*did you mean find-safe/],
  [{ thresholds: { p99: 50 } }, /^thresholds\.p99: 50 is not a duration/],
  [{ criteria: { hosts: { network_out: '70%' } } }, /network_out: unknown key; did you mean network-out/],
  [{ compressionRatio: 0.3 }, /^compressionRatio: 0\.3 is too small/],
])('the error for %j names the position and the problem', (written, words) => {
  const told = wordsOf(written);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(words);
});

test('several topics are numbered after their name', () => {
  expect(topicsOf({ topics: 1 }, 'plimsoll-r1')).toEqual(['plimsoll-r1']);
  expect(topicsOf({ topic: 'orders', topics: 3 }, 'r1')).toEqual(['orders-1', 'orders-2', 'orders-3']);
});

test('a step duration is refused for a profile that defines its durations', () => {
  const soak = WorkloadFile.parse({ messageSize: '1KiB', profile: { kind: 'soak', rate: 1, duration: '1h' } });
  expect(() => completeWorkload(soak, { stepDuration: '5s' })).toThrow(/--step-duration: a profile of kind soak/);
  const ramp = WorkloadFile.parse({ messageSize: '1KiB', profile: { kind: 'ramp', from: 1, to: 2, duration: '1h' } });
  expect(completeWorkload(ramp, { stepDuration: '5s' }).profile).toMatchObject({ step: 5 });
});
