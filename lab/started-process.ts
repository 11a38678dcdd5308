// Ends processes of a lab, and no other process that reuses one of their pids.

import { type Clock, seconds } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { isRunning, type StartedProcess } from '../core/started-process.ts';

const patience = seconds(8);
const glance = seconds(0.05);

/**
 * Sends SIGKILL: after SIGTERM, a RocketMQ broker took more than 8 s and a quorum of Kafka up to 6 s to write data that
 * is deleted with the lab. Skips pids that are now used by other processes.
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
    // ESRCH: the process ended between the check and the call.
    if (code !== 'ESRCH') throw error;
  }
}
