import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { seconds } from '../../../../core/clock.ts';
import { endLeftProcesses } from '../../../support/left-processes.ts';

test('only processes that a test started and left running are named and killed', async () => {
  const [own, others] = ['a', 'b'].map((file) => {
    const mark = { name: 'LEFT_PROCESSES_TEST', value: `${file}.test.ts of ${process.pid}` };
    const child = spawn('sleep', ['60'], { env: { ...process.env, [mark.name]: mark.value }, stdio: 'ignore' });
    return { mark, child, ended: once(child, 'exit') };
  });
  if (own === undefined || others === undefined) throw new Error('two were started');
  expect(await endLeftProcesses(own.mark, seconds(0))).toEqual(['sleep 60']);
  expect(await own.ended).toEqual([null, 'SIGKILL']);
  expect(await endLeftProcesses(own.mark, seconds(0))).toEqual([]);
  expect(others.child.exitCode).toBeNull();
  others.child.kill();
  expect(await others.ended).toEqual([null, 'SIGTERM']);
  expect(await endLeftProcesses(others.mark, seconds(0))).toEqual([]);
});
