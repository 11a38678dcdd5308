import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadConfigFile } from '../../../core/config-file.ts';
import { completeWorkload, WorkloadFile } from '../../../loadgen/workload.ts';

const file = () =>
  WorkloadFile.parse({
    messageSize: '1KiB',
    acks: 'leader',
    profile: { kind: 'steps', rates: [100, 200], stepDuration: '7s' },
  });

test('the command line alone is enough', () => {
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

test('what the command line leaves open comes from the file, and not from a default', () => {
  const workload = completeWorkload(file(), { rates: [5], groups: 2 });
  expect(workload).toMatchObject({
    messageSize: 1024,
    acks: 'leader',
    groups: 2,
    profile: { rates: [5], stepDuration: 7 },
  });
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
  [{ rates: [1], messageSize: '500B', groups: 1.5 }, /^--groups: 1.5 is not a whole number/],
  [
    { rates: [0], messageSize: '3B', groups: -1, workers: 65 },
    /--message-size: .*--groups: .*--workers: .*--rate-steps: /,
  ],
])('refuses %j by the name of the option', (flags, words) => {
  expect(() => completeWorkload(undefined, flags)).toThrow(words);
});

test('a misspelt key of the file is an error', () => {
  expect(WorkloadFile.safeParse({ mesageSize: '500B' }).success).toBe(false);
});

test('the example that ships is a workload', async () => {
  const path = fileURLToPath(new URL('../../../examples/workloads/steps-500-bytes.yaml', import.meta.url));
  const example = await loadConfigFile(path, WorkloadFile, { signal: new AbortController().signal });
  expect(completeWorkload(example, {})).toMatchObject({
    messageSize: 500,
    profile: { kind: 'steps', stepDuration: 20 },
  });
});
