// Excludes other work from a lab's figures: the lab has priority, and its hosts show CPU time of lab and bench only.

import { mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { runTool } from '../../../lab/run-tool.ts';
import { leave } from './slow-disk.ts';

const accounting = '/sys/fs/cgroup/cpuacct';
/** USER_HZ of /proc/stat. */
const ticksPerSecond = 100;
const refreshMs = 50;
/**
 * Gives all lab processes priority over other work (sched(7), SCHED_RR; others keep 5%, sched_rt_runtime_us). With
 * priority for the load generator only and niced brokers, brokers responded up to 2 s late on a machine saturated by
 * other work.
 */
const beforeOthers = ['--rr', '--pid', '1'];
const amongOthers = ['--other', '--pid', '0'];
/**
 * Makes JVM compilers and responding threads alternate: by default a compiler would hold a core for 100 ms. 0 restores
 * the default.
 */
const turns = { file: '/proc/sys/kernel/sched_rr_timeslice_ms', milliseconds: '5', usual: '0' };

export interface OwnShare extends AsyncDisposable {
  /**
   * @returns a folder to read instead of /proc, in which the host has only these processes, and if a disk is named only
   * this disk
   */
  hostFolder(host: string, pids: readonly number[], disk?: string): Promise<string>;
}

/**
 * Moves this process, and everything it starts later, into a control group that counts its CPU time.
 *
 * @throws AppError no-permission if control groups of version 1 cannot be created
 */
export async function countOwnShare(folder: string): Promise<OwnShare> {
  const group = join(accounting, `plimsoll-bench-own-${process.pid}`);
  try {
    await mkdir(group, { recursive: true });
    await writeFile(join(group, 'cgroup.procs'), String(process.pid));
    await writeFile(turns.file, turns.milliseconds);
    await schedule(beforeOthers);
  } catch (cause) {
    throw new AppError('no-permission', 'cannot count the CPU time of the bench', {
      cause,
      hint: 'needs root and control groups of version 1 that can be written',
    });
  }
  await mkdir(folder, { recursive: true });
  const showUse = await showing(group, folder);
  const disks = new Map<string, string>();
  const show = async () => {
    await showUse();
    for (const [path, device] of disks)
      await replace(path, diskText(await readFile('/proc/diskstats', 'utf8'), device));
  };
  await show();
  let shown = Promise.resolve();
  const timer = setInterval(() => {
    shown = shown.then(show);
  }, refreshMs);
  return {
    async hostFolder(host, pids, disk) {
      const own = join(folder, host);
      await mkdir(own, { recursive: true });
      // Pressure and processes of the machine include other work.
      const isOwn = (name: string) => name === 'pressure' || (disk !== undefined && name === 'diskstats');
      const names = (await readdir('/proc')).filter((name) => !isOwn(name) && !/^\d+$/.test(name));
      if (disk !== undefined) disks.set(join(own, 'diskstats'), disk);
      for (const name of [...names, ...pids.map(String)]) {
        await symlink(name === 'stat' ? join(folder, 'stat') : join('/proc', name), join(own, name));
      }
      return own;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await shown;
      await schedule(amongOthers);
      await writeFile(turns.file, turns.usual);
      await writeFile(join(accounting, 'cgroup.procs'), String(process.pid));
      await rm(folder, { recursive: true, force: true });
      await leave(group);
    },
  };
}

/** Sets the scheduling of this process and everything it starts later. */
async function schedule(words: readonly string[]): Promise<void> {
  const answer = await runTool('chrt', [...words, String(process.pid)], { signal: new AbortController().signal });
  if (answer?.exitCode !== 0)
    throw new AppError('no-permission', `chrt: ${answer?.stderr.trim() ?? 'no such program'}`);
}

/** @returns a function that rewrites `stat`: the group's busy time for each core, the rest of the time as idle */
async function showing(group: string, folder: string): Promise<() => Promise<void>> {
  const usedSeconds = async () =>
    (await readFile(join(group, 'cpuacct.usage_percpu'), 'utf8'))
      .trim()
      .split(' ')
      .map((used) => Number(used) / 1e9);
  const begun = { at: performance.now(), used: await usedSeconds() };
  return async () => {
    const elapsed = (performance.now() - begun.at) / 1000;
    const busy = (await usedSeconds()).map((used, core) => used - (begun.used[core] ?? 0));
    const others = (await readFile('/proc/stat', 'utf8')).split('\n').filter((line) => !line.startsWith('cpu'));
    const total = busy.reduce((sum, each) => sum + each, 0);
    const rows = [
      `cpu  ${ticks(total, elapsed * busy.length)}`,
      ...busy.map((each, i) => `cpu${i} ${ticks(each, elapsed)}`),
    ];
    await replace(join(folder, 'stat'), [...rows, ...others].join('\n'));
  };
}

export async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.draft`, text);
  await rename(`${path}.draft`, path);
}

/** Shows a loop device as `sda`, because readers of these files do not treat loop devices as disks. */
function diskText(text: string, device: string): string {
  const line = text.split('\n').find((each) => each.trim().split(/\s+/)[2] === device) ?? '';
  return `${line.replace(/^\s*\d+\s+\d+\s+\S+/, '   8       0 sda')}\n`;
}

/** Renders a row of /proc/stat: all busy time is shown as user time. */
export function ticks(busySeconds: number, elapsedSeconds: number): string {
  const busy = Math.round(busySeconds * ticksPerSecond);
  const idle = Math.max(0, Math.round(elapsedSeconds * ticksPerSecond) - busy);
  return `${busy} 0 0 ${idle} 0 0 0 0 0 0`;
}
