// Limits a broker to one core, or part of it, with control groups, and writes a matching /proc/stat.

import { mkdir, readFile, readdir, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { AppError, ignoreFault } from '../../core/errors.ts';
import { parseStat } from '../../hosts/proc/stat.ts';
import { replace, ticks } from './limits/own-share.ts';

/** Short enough that a response waits at most a few milliseconds (sched-bwc, kernel documentation). */
const periodMicroseconds = 5000;
const refreshMs = 20;
const controlGroups = '/sys/fs/cgroup';

export interface SqueezedBroker extends AsyncDisposable {
  /**
   * Folder to read instead of /proc: one core at the speed of the quota, and the broker as the only process. Everything
   * except `stat` is the machine's.
   */
  procfs: string;
}

/**
 * Gives a process the last core of the machine, and this process and its children the others. The use of that core is
 * shown as a machine with one core, relative to the share.
 *
 * @param share share of that core, at most 1
 * @throws AppError no-permission if control groups (version 1) cannot be created
 */
export async function squeezeBroker(pid: number, share: number, folder: string): Promise<SqueezedBroker> {
  const last = cpus().length - 1;
  const groups: ControlGroup[] = [];
  const show = await showingCore(last, share, { folder, pid });
  try {
    const [others, own] = last === 0 ? ['0', '0'] : [`0-${last - 1}`, String(last)];
    groups.push(await holdTo(pid, 'cpuset', { 'cpuset.cpus': own, 'cpuset.mems': '0' }));
    groups.push(await holdTo(process.pid, 'cpuset', { 'cpuset.cpus': others, 'cpuset.mems': '0' }));
    const quota = Math.round(share * periodMicroseconds);
    const limits = { 'cpu.cfs_period_us': String(periodMicroseconds), 'cpu.cfs_quota_us': String(quota) };
    if (share < 1) groups.push(await holdTo(pid, 'cpu', limits));
  } catch (cause) {
    for (const group of groups) await release(group);
    throw new AppError('no-permission', `cannot hold process ${pid} to a core`, {
      cause,
      hint: 'needs root and control groups of version 1 that can be written',
    });
  }
  let shown = Promise.resolve();
  const timer = setInterval(() => {
    shown = shown.then(show);
  }, refreshMs);
  return {
    procfs: folder,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await shown;
      for (const group of groups) await release(group);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface ControlGroup {
  path: string;
  above: string;
}

async function holdTo(pid: number, controller: string, limits: Record<string, string>): Promise<ControlGroup> {
  const above = join(controlGroups, controller);
  const path = join(above, `plimsoll-bench-${pid}`);
  await mkdir(path, { recursive: true });
  for (const [file, limit] of Object.entries(limits)) await writeFile(join(path, file), limit);
  await writeFile(join(path, 'cgroup.procs'), String(pid));
  return { path, above };
}

/** Moves remaining processes back to the parent group. */
async function release({ path, above }: ControlGroup): Promise<void> {
  const left = (await readFile(join(path, 'cgroup.procs'), 'utf8')).split('\n').filter((line) => line !== '');
  for (const each of left)
    await writeFile(join(above, 'cgroup.procs'), each).catch(ignoreFault('the process may have ended'));
  await rmdir(path);
}

/** @returns the function that rewrites `stat` */
async function showingCore(
  core: number,
  share: number,
  { folder, pid }: { folder: string; pid: number },
): Promise<() => Promise<void>> {
  const begun = { at: performance.now(), idle: await idleSeconds(core) };
  const show = async () => {
    const idle = (await idleSeconds(core)) - begun.idle;
    const elapsed = (performance.now() - begun.at) / 1000;
    // The unused part of the share is idle.
    const row = ticks(Math.max(0, elapsed - idle) / share, elapsed);
    await replace(join(folder, 'stat'), `cpu  ${row}\ncpu0 ${row}\n`);
  };
  await mkdir(folder, { recursive: true });
  for (const name of await readdir('/proc')) {
    const isShown = /^\d+$/.test(name) ? name === String(pid) : name !== 'stat';
    if (isShown) await symlink(join('/proc', name), join(folder, name));
  }
  await show();
  return show;
}

/**
 * Uses idle time, which the kernel measures, whereas it only samples other times. Control groups do not count packets
 * received by an idle core.
 */
async function idleSeconds(core: number): Promise<number> {
  const cores = parseStat(await readFile('/proc/stat', 'utf8'));
  const own = cores.find(({ cpu }, place) => (cpu ?? place) === core);
  if (own === undefined) throw new AppError('lab-failed', `/proc/stat does not list core ${core}`);
  return own.idle + own.iowait;
}
