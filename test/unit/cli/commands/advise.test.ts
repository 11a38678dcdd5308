import { expect, test } from 'vitest';
import { AdviceDocument } from '../../../../core/documents/advice.ts';
import { runWords } from '../../../support/run-words.ts';

const run = 'test/fixtures/recorded-runs/find-safe';

test('what was held too briefly is to be held, with the command that does it', async () => {
  const { exitCode, stdout } = await runWords('advise', run);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('1. Hold 484 msg/s for 10 minutes.');
  expect(stdout).toMatch(/plimsoll run --cluster \S+ --rate-steps 484 --step-duration 600s --message-size 10240/);
});

test('as one JSON document', async () => {
  const { stdout } = await runWords('advise', run, '--json');
  expect(AdviceDocument.parse(JSON.parse(stdout))).toMatchObject({ schemaVersion: 2, advice: [{ kind: 'confirm' }] });
});

test('alternatives stand beside what was measured', async () => {
  const words = ['analyze', run, '--what-if', 'nic=10gbit', '--what-if', 'messageBytes=1KiB'];
  const { stdout } = await runWords(...words);
  expect(stdout).toMatch(/What if\n.*\nas measured .*\nnic=10 Gbit\/s .*\nmessageBytes=1024 .*/);
  const { measured, alternatives } = JSON.parse((await runWords(...words, '--json')).stdout) as Record<string, unknown>;
  expect(measured).toMatchObject({ safeMaxTps: { kind: 'at-least', tps: 484 } });
  expect(alternatives).toMatchObject([
    { alternative: { nic: 10e9 }, carried: [{ quantity: 'nic', extrapolates: false }] },
    { alternative: { messageBytes: 1024 }, carried: [{ from: 10_240, to: 1024, extrapolates: true }] },
  ]);
});

test.each([
  ['advise examples/founding-70k', 'no load test in steps'],
  ['advise', 'no run given'],
  [`analyze ${run} --what-if groups=-1`, '--what-if: groups=-1: that cannot be; it is from 0 to 1000'],
])('%s is refused', async (words, message) => {
  const { exitCode, stderr } = await runWords(...words.split(' '));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});
