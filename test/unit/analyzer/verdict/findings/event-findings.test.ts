import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const analyse = (run: LoadTestRun) => analyzeRun(run, examplePolicy());
const finding = (run: LoadTestRun, code: string) => analyse(run).findings.find((each) => each.code === code)?.message;

/** Three steps that rise by a fifth from start to end. */
function ramp({ carried = 1, isCurve = true } = {}): LoadTestRun {
  const run = plainRun({ rates: [1000, 1200, 1400] });
  return {
    ...run,
    steps: run.steps.map((step) => ({ ...step, ...(isCurve && { isCurve }) })),
    produced: run.produced.map((line) => {
      const intended = Math.round(line.intended * (0.9 + (0.2 * (line.from % 12)) / 11));
      return { ...line, intended, sent: intended, acknowledged: Math.round(intended * carried) };
    }),
  };
}

test('steps with a changing rate are excluded from the fits and the verdict', () => {
  const { steps, resources, safeMaxTps } = analyse(ramp());
  expect(steps.map(({ verdict }) => verdict)).toEqual(
    Array.from({ length: 3 }, () => ({ kind: 'not-judged', reason: 'changing-rate' })),
  );
  expect(resources.every(({ fit, safeTps }) => fit === undefined && safeTps === undefined)).toBe(true);
  expect(safeMaxTps).toMatchObject({ kind: 'unknown', missing: [{ what: 'a step at a rate that is held' }] });
});

test('reports whether a changing target rate was achieved', () => {
  expect(finding(ramp(), 'changing-rate')).toContain('The target rate was achieved');
  expect(finding(ramp({ carried: 0.9 }), 'changing-rate')).toContain('only');
});

test('a profile of constant steps is judged even if its rate varies', () => {
  expect(analyse(ramp({ isCurve: false })).steps[0]?.verdict).toEqual({ kind: 'invalid', reason: 'unstable' });
});

test('messages dropped by the load generator are reported', () => {
  const run = plainRun();
  expect(finding({ ...run, events: { ...run.events, droppedMessages: 1200 } }, 'messages-dropped')).toContain('1,200');
});

test('background traffic is attached to the step in which it was sent', () => {
  const run = plainRun();
  const background = Array.from({ length: 12 }, (_, second) => ({
    kind: 'background' as const,
    elapsedSeconds: second + 1,
    intervalSeconds: 1,
    messagesPerSecond: 70,
  }));
  const { steps } = analyse({ ...run, events: { ...run.events, background } });
  expect(steps.map(({ backgroundTps }) => backgroundTps)).toEqual([70, undefined, undefined, undefined, undefined]);
});
