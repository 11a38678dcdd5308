// Sets seed and number of runs of the property tests, and ends what a test file left running.

import { lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
// Tests use kafkajs directly, too.
import '../../brokers/kafka/kafkajs/idle-timer.ts';
import { seconds } from '../../core/clock.ts';
import { endLeftProcesses } from './left-processes.ts';
import { fullMatrix } from './prerequisites.ts';

fc.configureGlobal({ seed: 20_260_607, numRuns: fullMatrix ? 50_000 : 100, verbose: fc.VerbosityLevel.Verbose });

const project = fileURLToPath(new URL('../..', import.meta.url));
const file = relative(project, expect.getState().testPath ?? '');

// Test files share a process one after another. Paths below a regular file can be neither read nor created, even by root. Commands look for
// their config in the current folder, so unit tests must not find that of a developer.
const home = (process.env['PLIMSOLL_TEST_HOME'] ??= process.env['HOME'] ?? '');
const isUnit = /^test\/(unit|properties)\//.test(file);
process.env['HOME'] = isUnit ? join(project, 'package.json', 'home') : home;
process.chdir(isUnit ? projectWithoutConfig() : project);
function projectWithoutConfig(): string {
  const folder = join(project, 'node_modules', '.cache', 'unit-tests');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(project)) {
    const link = join(folder, name);
    if (/^(plimsoll|instances)\.yaml$/.test(name) || lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(join(project, name), link);
    } catch (cause) {
      // Another process created it first.
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
  }
  return folder;
}

if (/^test\/(conformance|e2e|integration|truth)\//.test(file)) {
  // Programs inherit both variables.
  const mark = { name: 'PLIMSOLL_TEST_FILE', value: `${file} of ${process.pid}` };
  process.env[mark.name] = mark.value;
  const markOf = (id: string) => ({ name: 'PLIMSOLL_TEST', value: `${id} of ${process.pid}` });
  beforeEach(({ task: { id } }) => {
    process.env[markOf(id).name] = markOf(id).value;
  });
  afterEach(async ({ task: { id, result } }) => {
    // Such a test continues in the background, with its brokers and programs, until one of them ends.
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
