// Sets seed and number of runs of the property tests, and ends what a test file left running.

import { relative } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { seconds } from '../../core/units.ts';
import { endLeftProcesses } from './left-processes.ts';
import { fullMatrix } from './prerequisites.ts';

fc.configureGlobal({ seed: 20_260_607, numRuns: fullMatrix ? 50_000 : 200, verbose: fc.VerbosityLevel.Verbose });

const file = relative('.', expect.getState().testPath ?? '');
if (/^test\/(conformance|e2e|integration|truth)\//.test(file)) {
  // Programs inherit both.
  const mark = { name: 'PLIMSOLL_TEST_FILE', value: `${file} of ${process.pid}` };
  process.env[mark.name] = mark.value;
  const markOf = (id: string) => ({ name: 'PLIMSOLL_TEST', value: `${id} of ${process.pid}` });
  beforeEach(({ task: { id } }) => {
    process.env[markOf(id).name] = markOf(id).value;
  });
  afterEach(async ({ task: { id, result } }) => {
    // Such a test goes on in the background, with its brokers and programs, until one of them ends.
    if (result?.errors?.some(({ message }) => message.startsWith('Test timed out'))) {
      await endLeftProcesses(markOf(id), seconds(0));
    }
  });
  afterAll(async () => {
    const left = await endLeftProcesses(mark, seconds(5));
    if (left.length === 0) return;
    const message = `${file} left programs running, which were killed: ${left.join('; ')}`;
    if (fullMatrix) throw new Error(message);
    process.stderr.write(`${message}\n`);
  });
}
