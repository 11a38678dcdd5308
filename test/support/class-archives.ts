// Archives the classes of a broker once per Java and jar set, so that brokers of tests start with less CPU time.
// Kafka 4.3.1 serves after 3.1 s of CPU time instead of 5.8, RocketMQ 5.3.3 after 5.1 s instead of 10.0
// (evidence/reliability/broker-starts.ndjson).

import { execFileSync } from 'node:child_process';
import { realpathSync, rmSync, statSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { seconds, systemClock } from '../../core/clock.ts';
import { classArchive } from '../../lab/broker-jvm.ts';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import { defaultRocketmqVersion } from '../../lab/rocketmq/release.ts';
import type { LabRequest } from '../../lab/start-lab.ts';
import { identify, isRunning } from '../../core/started-process.ts';
import { scratchLab, startScratchLab } from './scratch-lab.ts';
import { areHere } from './prerequisites.ts';

type Site = Pick<LabRequest, 'directory' | 'cache' | 'jvmOptions'>;

const labs: readonly { home: string; request(site: Site): LabRequest }[] = [
  {
    home: `kafka-${defaultKafkaVersion}`,
    request: (site) => ({ product: 'kafka', version: defaultKafkaVersion, brokers: 1, ...site }),
  },
  {
    home: `rocketmq-${defaultRocketmqVersion}`,
    request: (site) => ({
      product: 'rocketmq',
      version: defaultRocketmqVersion,
      mode: 'single',
      nameServers: 1,
      ...site,
    }),
  },
];

/** Vitest calls it before the tests with real brokers. */
export async function setup(): Promise<void> {
  if (!areHere('java', 'maven')) return;
  for (const { home, request } of labs) {
    const lab = await scratchLab(home);
    try {
      const archive = classArchive(join(lab.cache, home, 'lib'), 'broker');
      if (isCurrent(archive)) continue;
      // A JVM cannot overwrite an archive.
      rmSync(archive, { force: true });
      const draft = join(lab.root, 'broker.jsa');
      const jvmOptions = [`-XX:ArchiveClassesAtExit=${draft}`];
      const { brokers } = await startScratchLab(
        request({ directory: lab.directory, cache: lab.cache, jvmOptions }),
        lab.io,
      );
      await endByRequest(brokers.map(({ pid }) => pid));
      await moveBeside(draft, archive);
    } finally {
      await lab.remove();
    }
  }
}

/** A JVM writes the archive only at a normal exit, so it must not be killed. */
async function endByRequest(pids: readonly number[]): Promise<void> {
  const ending = pids.flatMap((pid) => identify(pid) ?? []);
  for (const { pid } of ending) process.kill(pid, 'SIGTERM');
  const end = systemClock.monotonic() + 120;
  while (ending.some(isRunning) && systemClock.monotonic() < end) await systemClock.sleep(seconds(0.1));
}

/** Moves the archive; temporary files and the cache may be on different disks. */
async function moveBeside(draft: string, archive: string): Promise<void> {
  const copy = `${archive}.${process.pid}`;
  await copyFile(draft, copy);
  await rename(copy, archive);
}

function isCurrent(archive: string): boolean {
  const made = statSync(archive, { throwIfNoEntry: false });
  return made !== undefined && made.mtimeMs > statSync(javaProgram()).mtimeMs;
}

const javaProgram = () => realpathSync(execFileSync('which', ['java'], { encoding: 'utf8' }).trim());
