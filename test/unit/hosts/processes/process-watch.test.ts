import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProcessReading } from '../../../../core/documents/evidence/process-reading.ts';
import { openLocalFiles } from '../../../../hosts/files/local.ts';
import type { ProcessesConfig } from '../../../../hosts/processes/config.ts';
import { createProcessWatch } from '../../../../hosts/processes/process-watch.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { recordedRoots } from '../../../support/golden-metrics-page.ts';

const io = { signal: new AbortController().signal };

let procfs: string;
beforeEach(async () => {
  procfs = await mkdtemp(join(tmpdir(), 'plimsoll-proc-'));
  await cp(recordedRoots.procfs, procfs, { recursive: true, verbatimSymlinks: true });
});
afterEach(() => rm(procfs, { recursive: true, force: true }));

function watch(wanted: ProcessesConfig) {
  const clock = createHandClock();
  const watching = createProcessWatch(openLocalFiles(), { procfs, sysfs: recordedRoots.sysfs, wanted, clock });
  return {
    async after(seconds: number, { signal } = io): Promise<ProcessReading[]> {
      clock.advance(seconds);
      return watching.sample({ signal });
    },
  };
}

/** The recorded broker once more, under a pid and with a later start. */
async function startAnother(pid: string, startTicks: number): Promise<void> {
  const recorded = join(recordedRoots.procfs, '4711');
  await cp(recorded, join(procfs, pid), { recursive: true, verbatimSymlinks: true });
  const words = (await readFile(join(recorded, 'stat'), 'utf8')).split(' ');
  words[0] = pid;
  words[21] = String(startTicks);
  await writeFile(join(procfs, pid, 'stat'), words.join(' '));
}

const running = (readings: readonly ProcessReading[]) =>
  readings.map((reading) =>
    reading.state === 'running'
      ? [reading.name, reading.process.pid, reading.restarts]
      : [reading.name, reading.reason],
  );

describe('a broker', () => {
  test.each<[string, ProcessesConfig, string]>([
    ['by its main class, where nobody says what runs', undefined, 'rocketmq-broker'],
    ['by a port it listens on', { mine: { port: 10_911 } }, 'mine'],
    ['by its command line', { mine: { commandLine: '-c /etc/rocketmq/broker.conf' } }, 'mine'],
  ])('is found %s', async (_, wanted, name) => {
    expect(running(await watch(wanted).after(0))).toEqual([[name, 4711, 0]]);
  });

  test('is searched again at once if the deadline cut off the search', async () => {
    const watched = watch(undefined);
    await expect(watched.after(0, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(running(await watched.after(1))).toEqual([['rocketmq-broker', 4711, 0]]);
  });

  test('is found by its pid file, and a pid file without a number is reported', async () => {
    const pidFile = join(procfs, 'broker.pid');
    const watched = watch({ mine: { pidFile } });
    expect(running(await watched.after(0))).toEqual([['mine', `the pid file ${pidFile} cannot be read`]]);
    await writeFile(pidFile, 'soon\n');
    expect(running(await watched.after(10))).toEqual([['mine', `the pid file ${pidFile} holds no number`]]);
    await writeFile(pidFile, '4711\n');
    expect(running(await watched.after(10))).toEqual([['mine', 4711, 0]]);
  });

  test('has the kernel’s figures, its memory by kind, and no secret of its command line', async () => {
    const [reading] = await watch(undefined).after(0);
    if (reading?.state !== 'running') throw new Error('not found');
    expect(reading.process).toMatchObject({
      ports: [10_909, 10_911],
      openFiles: 4,
      openFilesLimit: 20_000,
      memoryMaps: 12,
      allowedCpus: 2,
      unread: [],
      cgroup: { memoryLimitBytes: 48 * 2 ** 30, cpuLimitCores: 12, cpuThrottledPeriods: 210, memoryLimitHits: 17 },
    });
    expect(reading.process.jvm).toEqual({
      mainClass: 'org.apache.rocketmq.broker.BrokerStartup',
      flags: [
        '-server',
        '-Xms8g',
        '-Xmx8g',
        '-XX:+UseG1GC',
        '-Xlog:gc*:file=/dev/shm/rmq_srv_gc_%p_%t.log:time,tags:filecount=5,filesize=30M',
      ],
    });
    const { residentBytes, anonymousBytes = 0, fileBytes = 0, sharedBytes = 0 } = reading.process.memory;
    expect(anonymousBytes + fileBytes + sharedBytes).toBe(residentBytes);
  });

  test('shows the core share of its busiest thread since the previous reading', async () => {
    const watched = watch(undefined);
    await watched.after(0);
    const thread = join(procfs, '4711/task/4715/stat');
    const { texts } = await openLocalFiles().readAll([thread], io);
    const words = (texts.get(thread) ?? '').split(' ');
    expect(words[1]).toBe('(ReputMessageSer)');
    words[13] = String(Number(words[13]) + 950);
    await writeFile(thread, words.join(' '));
    const busiestAfter = async (seconds: number) => {
      const [reading] = await watched.after(seconds);
      if (reading?.state !== 'running') throw new Error('not found');
      return reading.process.threadGroups?.toSorted((a, b) => (b.busiestRatio ?? 0) - (a.busiestRatio ?? 0))[0];
    };
    const busiest = await busiestAfter(10);
    expect(busiest?.busiestRatio).toBeCloseTo(0.95, 6);
    expect(busiest?.group).toBe('reput');
    // A second scraper does not get the ratio of the short time since the first.
    expect((await busiestAfter(0.5))?.busiestRatio).toBeCloseTo(9.5 / 10.5, 6);
  });
});

test('a thread without a previous reading has no core share yet', async () => {
  const [thread, aside] = [join(procfs, '4711/task/4715'), join(procfs, 'aside')];
  await rename(thread, aside);
  const watched = watch(undefined);
  await watched.after(0);
  await rename(aside, thread);
  const [reading] = await watched.after(10);
  if (reading?.state !== 'running') throw new Error('not found');
  const reput = reading.process.threadGroups?.find(({ group }) => group === 'reput');
  expect(reput).toMatchObject({ threads: 1 });
  expect(reput).not.toHaveProperty('busiestRatio');
});

test('counts memory maps beyond the size at which other files are cut', async () => {
  // The maps of a broker near vm.max_map_count: 60,000 lines are 7.8 MB.
  const segment =
    '7f4ac0000000-7f4b00000000 rw-s 00000000 fd:01 1311761 /data/kafka/orders-0/00000000000000000000.index';
  await writeFile(join(procfs, '4711/maps'), `${segment.padEnd(129)}\n`.repeat(60_000));
  const [reading] = await watch(undefined).after(0);
  expect(reading).toMatchObject({ process: { memoryMaps: 60_000, unread: [] } });
});

test('unreadable memory maps are absent, with the reason', async () => {
  await rm(join(procfs, '4711/maps'));
  const [reading] = await watch(undefined).after(0);
  if (reading?.state !== 'running') throw new Error('not found');
  expect(reading.process).not.toHaveProperty('memoryMaps');
  expect(reading.process.unread).toEqual(['maps: ENOENT']);
});

test('threads without names are unknown, with the reason', async () => {
  const tasks = join(procfs, '4711/task');
  for (const id of await readdir(tasks)) {
    const stat = join(tasks, id, 'stat');
    await writeFile(stat, (await readFile(stat, 'utf8')).replace(/\(.*\)/, '(java)'));
  }
  const [reading] = await watch(undefined).after(0);
  if (reading?.state !== 'running') throw new Error('not found');
  expect(reading.process.threadGroups?.map(({ group }) => group)).toEqual(['unknown']);
  expect(reading.process.unread).toEqual([expect.stringMatching(/^thread names: this JVM does not pass them/)]);
});

test('the count of very many open files is refreshed once a minute', async () => {
  const openMore = (from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from }, (_, at) => symlink('/nowhere', join(procfs, '4711/fd', String(from + at)))),
    );
  const watched = watch(undefined);
  const openFiles = async (seconds: number) => {
    const [reading] = await watched.after(seconds);
    return reading?.state === 'running' ? reading.process.openFiles : undefined;
  };
  await openMore(100, 1200);
  const many = await openFiles(0);
  expect(many).toBe(1104);
  await openMore(1200, 1210);
  expect(await openFiles(15)).toBe(many);
  expect(await openFiles(45)).toBe(1114);
});

describe('a process', () => {
  /** @param ids its line in /proc/PID/status. @param own its links to namespaces; those of process 1 may be read */
  async function containmentOf(ids: string, own: Readonly<Record<string, string>>) {
    const status = join(procfs, '4711/status');
    await writeFile(status, (await readFile(status, 'utf8')).replace(/^NSpid:.*\n/m, ids));
    const links: Record<string, Readonly<Record<string, string>>> = {
      '1': { mnt: 'mnt:[4026531841]', pid: 'pid:[4026531836]' },
      '4711': own,
    };
    for (const [pid, targets] of Object.entries(links)) {
      await mkdir(join(procfs, pid, 'ns'), { recursive: true });
      for (const [name, target] of Object.entries(targets)) await symlink(target, join(procfs, pid, 'ns', name));
    }
    const [reading] = await watch(undefined).after(0);
    if (reading?.state !== 'running') throw new Error('not found');
    return reading.process.isContained;
  }

  test.each<[string, string, Record<string, string>, true | undefined]>([
    ['with ids in two process namespaces is in a container', 'NSpid:\t4711\t1\n', {}, true],
    ['with another process namespace is in one, before Linux 4.1', '', { pid: 'pid:[4026532201]' }, true],
    ['with the process namespace of the host is in none', '', { pid: 'pid:[4026531836]' }, undefined],
    ['with only mounts of a service of systemd is in none', 'NSpid:\t4711\n', { mnt: 'mnt:[4026532199]' }, undefined],
    ['whose namespaces may not be read is not known to be in one', '', {}, undefined],
  ])('%s', async (_, ids, own, contained) => expect(await containmentOf(ids, own)).toBe(contained));
});

describe('a broker that ends', () => {
  test('is reported in the next reading with its last state, and its restart is counted', async () => {
    const watched = watch({ mine: { commandLine: 'BrokerStartup' } });
    const [first] = await watched.after(0);
    await startAnother('4800', 99_000);
    await rm(join(procfs, '4711'), { recursive: true });
    // Not looked for again so soon after the last time.
    const [gone] = await watched.after(1);
    expect(gone).toMatchObject({ state: 'gone', reason: 'process 4711 has ended', last: { pid: 4711 } });
    if (first?.state !== 'running' || gone?.state !== 'gone') throw new Error('neither');
    expect(gone.last?.startedAtSeconds).toBe(first.process.startedAtSeconds);
    expect(running(await watched.after(15))).toEqual([['mine', 4800, 1]]);
  });

  test('is not confused with another process that got its pid', async () => {
    const watched = watch({ mine: { port: 10_911 } });
    await watched.after(0);
    await startAnother('4712', 99_000);
    await cp(join(procfs, '4712/stat'), join(procfs, '4711/stat'));
    await rm(join(procfs, '4712'), { recursive: true });
    await rm(join(procfs, '4711/fd'), { recursive: true });
    expect((await watched.after(1))[0]).toMatchObject({ state: 'gone', last: { pid: 4711 } });
  });

  test('has no restart if it was only unreadable for a moment', async () => {
    const watched = watch({ mine: { commandLine: 'BrokerStartup' } });
    await watched.after(0);
    await rename(join(procfs, '4711'), join(procfs, 'hidden'));
    expect(await watched.after(1)).toMatchObject([{ state: 'gone' }]);
    await rename(join(procfs, 'hidden'), join(procfs, '4711'));
    expect(running(await watched.after(15))).toEqual([['mine', 4711, 0]]);
  });

  test('is forgotten after an hour if it was found automatically', async () => {
    const watched = watch(undefined);
    await watched.after(0);
    await rm(join(procfs, '4711'), { recursive: true });
    expect(await watched.after(10)).toMatchObject([{ state: 'gone' }]);
    expect(await watched.after(3700)).toEqual([]);
  });
});

describe('several similar processes', () => {
  test('are distinguished by their lowest port without process names in the config', async () => {
    await startAnother('4800', 99_000);
    await rm(join(procfs, '4800/fd/5'));
    expect(running(await watch(undefined).after(0))).toEqual([
      ['rocketmq-broker:10909', 4711, 0],
      ['rocketmq-broker:10911', 4800, 0],
    ]);
  });

  test('keep their names when one of them ends, and a restarted one gets its name back', async () => {
    await startAnother('4800', 99_000);
    await rm(join(procfs, '4800/fd/5'));
    const watched = watch(undefined);
    await watched.after(0);
    await rm(join(procfs, '4711'), { recursive: true });
    const survivor = ['rocketmq-broker:10911', 4800, 0];
    expect(running(await watched.after(10))).toEqual([['rocketmq-broker:10909', 'process 4711 has ended'], survivor]);
    expect(running(await watched.after(70))).toEqual([['rocketmq-broker:10909', 'process 4711 has ended'], survivor]);
    await startAnother('4711', 99_500);
    expect(running(await watched.after(70))).toEqual([['rocketmq-broker:10909', 4711, 1], survivor]);
  });

  test('that start later do not rename the first', async () => {
    const watched = watch(undefined);
    await watched.after(0);
    await startAnother('4800', 99_000);
    await rm(join(procfs, '4800/fd/5'));
    const both = [
      ['rocketmq-broker', 4711, 0],
      ['rocketmq-broker:10911', 4800, 0],
    ];
    expect(running(await watched.after(70))).toEqual(both);
    await rm(join(procfs, '4711'), { recursive: true });
    await watched.after(10);
    expect(running(await watched.after(70))).toEqual([['rocketmq-broker', 'process 4711 has ended'], both[1]]);
  });

  test('on the same port in different network namespaces are named by their settings file', async () => {
    await startAnother('4800', 99_000);
    const command = await readFile(join(procfs, '4800/cmdline'), 'utf8');
    await writeFile(
      join(procfs, '4800/cmdline'),
      command.replace('/etc/rocketmq/broker.conf', '/etc/rocketmq/payments.conf'),
    );
    expect(running(await watch(undefined).after(0))).toEqual([
      ['rocketmq-broker:10909:broker', 4711, 0],
      ['rocketmq-broker:10909:payments', 4800, 0],
    ]);
  });

  test('that cannot be distinguished have no name, so that none is mistaken for another', async () => {
    await startAnother('4800', 99_000);
    expect(await watch(undefined).after(0)).toEqual([]);
  });

  test('make a configured name ambiguous', async () => {
    await startAnother('4800', 99_000);
    expect(running(await watch({ mine: { commandLine: 'BrokerStartup' } }).after(0))).toEqual([
      ['mine', 'several JVMs match: 4711, 4800'],
    ]);
  });
});

describe('an unreadable file', () => {
  test.each(['stat', '4711/stat', '4711/status'])('does not end a process: %s', async (file) => {
    const [path, aside] = [join(procfs, file), join(procfs, 'aside')];
    for (const wanted of [undefined, { mine: { port: 10_911 } }]) {
      const watched = watch(wanted);
      const before = running(await watched.after(0));
      await rename(path, aside);
      // Opening a folder to read it fails with another code than that of a file that is missing.
      await mkdir(path);
      expect(await watched.after(10)).toEqual([]);
      await rmdir(path);
      await rename(aside, path);
      expect(running(await watched.after(10))).toEqual(before);
      expect(before).toMatchObject([[expect.any(String), 4711, 0]]);
    }
  });

  test('makes its figures absent with a notice, and the others are read', async () => {
    await rm(join(procfs, '4711/io'));
    await rm(join(procfs, '4711/fd'), { recursive: true });
    await symlink('/nowhere', join(procfs, '4711/fd'));
    const [reading] = await watch({ mine: { commandLine: 'BrokerStartup' } }).after(0);
    if (reading?.state !== 'running') throw new Error('not found');
    expect(reading.process.unread).toEqual(['io: ENOENT', 'fd: this user may not list it']);
    expect(reading.process.io).toBeUndefined();
    expect(reading.process.openFiles).toBeUndefined();
    expect(reading.process.threads).toBeGreaterThan(1);
    expect(running(await watch({ mine: { port: 10_911 } }).after(0))).toEqual([
      ['mine', 'no JVM is seen to listen on port 10911, but of 1 this user may not see the sockets'],
    ]);
  });

  test('the config `{}` watches and reads nothing', async () => {
    expect(await watch({}).after(0)).toEqual([]);
  });
});
