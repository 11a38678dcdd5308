import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

test.each([
  { start: 0.1, seconds: 7 },
  // As floating-point numbers, (57.1 + 7) - (57.1 + 2) is less than five.
  { start: 57.1, seconds: 7 },
  // A guard may end a step shortly before a second is complete.
  { start: 0.1, seconds: 6.96 },
])(
  'a step of $seconds s from $start s with a lag report in each of its five seconds is sustained',
  ({ start, seconds }) => {
    const run = plainRun({ rates: [1000], stepSeconds: 7 });
    const moved = <T extends { from: number; to: number }>(span: T): T => ({
      ...span,
      from: start + span.from,
      to: start + Math.min(span.to, seconds),
    });
    const produced = run.produced.map(moved);
    const { steps } = analyzeRun(
      {
        ...run,
        steps: run.steps.map(moved),
        produced,
        consumed: produced.map(({ from, to, acknowledged }) => ({
          from,
          to,
          worker: 'consumer-0',
          group: 'billing',
          messages: acknowledged,
          eventLoopUtilisation: 0.1,
          cpuSeconds: 0.1,
        })),
        lag: Array.from({ length: 7 }, (_, second) => ({
          elapsedSeconds: start + second + 0.5,
          group: 'billing',
          messages: 20,
        })),
        durationSeconds: start + seconds,
      },
      examplePolicy(),
    );
    expect(steps.map(({ verdict }) => verdict)).toEqual([{ kind: 'sustained' }]);
  },
);
