import { expect, test } from 'vitest';
import { closingLine, exitCodeOf, listSkipped, sum, type FileOutcome } from '../../../support/tally.ts';

const file = (name: string, ...states: FileOutcome['outcomes'][number]['state'][]): FileOutcome => ({
  project: 'unit',
  file: name,
  seconds: 1,
  outcomes: states.map((state, index) => ({ name: `behaviour ${index}`, state })),
});

test('sums the outcomes of files and projects', () =>
  expect(closingLine(sum([file('a', 'passed', 'failed'), file('b', 'passed', 'skipped')], 0))).toBe(
    '2 passed, 1 failed, 1 skipped',
  ));

test('an error outside every test counts as a failure', () =>
  expect(sum([file('a', 'passed')], 1)).toEqual({ passed: 1, failed: 1, skipped: 0 }));

test.each([
  ['all passed', { passed: 3, failed: 0, skipped: 0 }, 0, 0],
  ['one failed', { passed: 3, failed: 1, skipped: 0 }, 1, 1],
  ['one was skipped', { passed: 3, failed: 0, skipped: 1 }, 0, 1],
  ['nothing ran', { passed: 0, failed: 0, skipped: 0 }, 1, 1],
])('exit code if %s', (_, tally, atHome, inCi) => {
  expect(exitCodeOf(tally, {})).toBe(atHome);
  expect(exitCodeOf(tally, { CI: 'true' })).toBe(inCi);
});

test('a skipped test is listed with its reason, or that there is none', () => {
  const skipped: FileOutcome = {
    project: 'e2e',
    file: 'test/e2e/start.test.ts',
    seconds: 1,
    outcomes: [
      { name: 'starts a lab', state: 'skipped', note: 'java is missing: apt-get install openjdk-17-jre-headless' },
      { name: 'serves', state: 'skipped' },
      { name: 'stops', state: 'passed' },
    ],
  };
  expect(listSkipped([skipped])).toBe(
    [
      'NOT SHOWN on this machine, 2 skipped:',
      '  test/e2e/start.test.ts > starts a lab',
      '    java is missing: apt-get install openjdk-17-jre-headless',
      '  test/e2e/start.test.ts > serves',
      '    skipped without a reason',
      '',
    ].join('\n'),
  );
});
