// Ends processes of a lab, and no process that has got one of their pids since.

import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { isRunning, type StartedProcess } from '../core/started-process.ts';
import { seconds } from '../core/units.ts';

const patience = seconds(8);
const glance = seconds(0.05);

/**
 * Ends them by force: asked to end, a RocketMQ broker took more than 8 s and a quorum of Kafka up to 6 s, to write what is
 * thrown away with the lab. Processes that are not ours any more are left alone.
 */
export async function stopProcesses(processes: readonly StartedProcess[], clock: Clock): Promise<void> {
  const running = processes.filter(isRunning);
  for (const { pid } of running) kill(pid);
  const end = clock.monotonic() + patience;
  while (running.some(isRunning) && clock.monotonic() < end) await clock.sleep(glance);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM') {
      throw new AppError('no-permission', `process ${pid} of the lab belongs to another user`, {
        cause: error,
        hint: 'run `plimsoll lab down` as the user who started the lab',
      });
    }
    // Otherwise it ended between the look and the call.
    if (code !== 'ESRCH') throw error;
  }
}
