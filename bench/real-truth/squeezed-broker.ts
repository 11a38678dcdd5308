// How does a broker get a share of a core, and a host that shows it? A control group with a quota, and its /proc/stat beside it.

import { mkdir, readFile, readdir, rm, rmdir, symlink, writeFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';

/** Short enough that an answer waits a few hundredths of a second at most (sched-bwc, kernel documentation). */
const periodMicroseconds = 20_000;
/** USER_HZ of /proc/stat on every Linux of today. */
const ticksPerSecond = 100;
const refreshMs = 20;

export interface SqueezedBroker extends AsyncDisposable {
  /** To be read in place of /proc: one core, as fast as the quota lets it be. All but `stat` is the machine's. */
  procfs: string;
}

/**
 * Holds a process to a part of a core, and shows it as lxcfs shows a container its quota: a machine of one core that is as busy
 * as the quota is used.
 *
 * @throws AppError no-permission where control groups (version 1) cannot be made
 */
export async function squeezeBroker(pid: number, cores: number, folder: string): Promise<SqueezedBroker> {
  const groups = ['cpu', 'cpuacct'].map((controller) => `/sys/fs/cgroup/${controller}/plimsoll-bench-${pid}`);
  const [cpu = '', accounting = ''] = groups;
  try {
    for (const group of groups) await mkdir(group, { recursive: true });
    await writeFile(join(cpu, 'cpu.cfs_period_us'), String(periodMicroseconds));
    await writeFile(join(cpu, 'cpu.cfs_quota_us'), String(Math.round(cores * periodMicroseconds)));
    for (const group of groups) await writeFile(join(group, 'cgroup.procs'), String(pid));
  } catch (cause) {
    throw new AppError('no-permission', `cannot hold process ${pid} to ${cores} cores`, {
      cause,
      hint: 'needs root and control groups of version 1 that can be written',
    });
  }
  const begun = performance.now();
  const show = async () => {
    const used = Number(await readFile(join(accounting, 'cpuacct.usage'), 'utf8')) / 1e9;
    const elapsed = (performance.now() - begun) / 1000;
    await writeFile(join(folder, 'stat.draft'), statText(used / cores, elapsed));
    await rename(join(folder, 'stat.draft'), join(folder, 'stat'));
  };
  await mkdir(folder, { recursive: true });
  for (const name of await readdir('/proc')) {
    if (name !== 'stat' && !/^\d+$/.test(name)) await symlink(join('/proc', name), join(folder, name));
  }
  await show();
  let shown = Promise.resolve();
  const timer = setInterval(() => {
    shown = shown.then(show);
  }, refreshMs);
  return {
    procfs: folder,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await shown;
      // What still runs goes back to where everything is.
      for (const group of groups) {
        const left = (await readFile(join(group, 'cgroup.procs'), 'utf8')).split('\n').filter((line) => line !== '');
        for (const each of left) await writeFile(join(group, '..', 'cgroup.procs'), each).catch(() => undefined);
        await rmdir(group);
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Busy time is shown as of users; what has not been used of the quota is idle. */
function statText(busySeconds: number, elapsedSeconds: number): string {
  const busy = Math.round(busySeconds * ticksPerSecond);
  const idle = Math.max(0, Math.round(elapsedSeconds * ticksPerSecond) - busy);
  const row = `${busy} 0 0 ${idle} 0 0 0 0 0 0`;
  return `cpu  ${row}\ncpu0 ${row}\n`;
}
