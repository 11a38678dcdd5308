// Gives brokers a disk of known speed: ext4 on a loop device with a throttled backing file (block I/O controller).

import { mkdir, open, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { runTool } from '../../../lab/run-tool.ts';

/*
 * Throttling the loop device itself delays requests before they are counted, so its busy time shows nothing. With
 * direct I/O, a loop device passes the control group of each request to the device below, and the request waits there
 * while it is in flight in the loop device's statistics. Seen with `dd oflag=dsync` behind 10 MB/s: busy for 6.0 of 6.3
 * s, and 33 ms per write. Writes of kernel threads (journal commits, write-back of dirty pages) belong to no control
 * group of version 1 and are not throttled.
 */

export interface DiskSpeed {
  writeBytesPerSecond: number;
}

export interface SlowDisk extends AsyncDisposable {
  /** Mount point. */
  path: string;
  /** Name in /proc/diskstats, such as `loop0`. */
  device: string;
  /** Throttles later writes of the process. */
  hold(pid: number): Promise<void>;
}

const controller = '/sys/fs/cgroup/blkio';
const sizeBytes = 4 * 2 ** 30;

/** @throws AppError lab-failed, no-permission */
export async function makeSlowDisk(folder: string, speed: DiskSpeed): Promise<SlowDisk> {
  await using stack = new AsyncDisposableStack();
  const image = join(folder, 'disk.img');
  const path = join(folder, 'disk');
  await mkdir(path, { recursive: true });
  await makeImage(image);
  const device = (await tool('losetup', '--find', '--show', '--direct-io=on', image)).trim();
  stack.defer(async () => void (await tool('losetup', '--detach', device)));
  await tool('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', device);
  await tool('mount', device, path);
  stack.defer(async () => void (await tool('umount', path)));
  const group = join(controller, `plimsoll-bench-disk-${process.pid}`);
  await mkdir(group, { recursive: true });
  stack.defer(() => leave(group));
  await limit(group, image, speed);
  const undo = stack.move();
  return {
    path,
    device: device.replace('/dev/', ''),
    hold: (pid) => writeFile(join(group, 'cgroup.procs'), String(pid)),
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

async function makeImage(path: string): Promise<void> {
  await using file = await open(path, 'w');
  await file.truncate(sizeBytes);
}

async function limit(group: string, image: string, { writeBytesPerSecond }: DiskSpeed): Promise<void> {
  const { dev } = await stat(image);
  // Linux stores 12 bits of the major and 20 of the minor number (makedev(3)), the lowest 8 of the minor first.
  const number = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  try {
    await writeFile(join(group, 'blkio.throttle.write_bps_device'), `${number} ${writeBytesPerSecond}`);
  } catch (cause) {
    throw new AppError('no-permission', 'cannot throttle a disk', {
      cause,
      hint: 'needs root and the block I/O controller of control groups, version 1',
    });
  }
}

export async function leave(group: string): Promise<void> {
  // A process that is still ending keeps the group; the next lab of this bench reuses it.
  if ((await readFile(join(group, 'cgroup.procs'), 'utf8')).trim() === '') await rmdir(group);
}

async function tool(program: string, ...words: readonly string[]): Promise<string> {
  const answer = await runTool(program, words, { signal: new AbortController().signal });
  if (answer?.exitCode === 0) return answer.stdout;
  throw new AppError('lab-failed', `${program} ${words.join(' ')}: ${answer?.stderr.trim() ?? 'no such program'}`);
}
