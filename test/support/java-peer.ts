// Runs a Java program of test/fixtures/admin-clients beside a lab, and exchanges commands and facts with it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../core/user-folders.ts';
import { brokerJars } from '../../lab/broker-jars.ts';
import type { Release } from '../../lab/release.ts';
import { compileJava } from './compiled-java.ts';
import { machineJvm } from './jvms/jvms.ts';

/** A line of the response, such as `lag billing orders 0 5`. */
export type Fact = readonly string[];

export interface JavaPeer extends AsyncDisposable {
  /** Runs one command at a time. @throws Error with the failure that the program prints */
  ask(...words: readonly (string | number)[]): Promise<Fact[]>;
}

const quick = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * @param program class of that name in test/fixtures/admin-clients
 * @param release whose jars, clients included, are on the class path
 */
export async function startJavaPeer(program: string, release: Release, address: string): Promise<JavaPeer> {
  const io = { signal: AbortSignal.timeout(240_000), environment: process.env, progress: () => undefined };
  const jars = await brokerJars(release, join(cacheFolder(process.env), 'lab'), io);
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-peer-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const source = fileURLToPath(new URL(`../fixtures/admin-clients/${program}.java`, import.meta.url));
  const classes = await compileJava({ source, java: 17, jars }, folder);
  const classPath = [classes, join(jars, '*')].join(delimiter);
  // RocketMQ's clients write their logs below the user's home folder.
  const words = [...quick, `-Duser.home=${folder}`, '-cp', classPath, program, address];
  const child = spawn(machineJvm().java, words, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  opened.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const resources = opened.move();
  return {
    async ask(...command) {
      child.stdin.write(`${command.join(' ')}\n`);
      const facts: Fact[] = [];
      const failures: string[] = [];
      for (;;) {
        const { value: line, done } = await lines.next();
        if (done === true) throw new Error(`${program} ended before it answered ${command.join(' ')}`);
        if (line === '.') break;
        // Client loggers print to the same stream.
        if (line.startsWith('= ')) facts.push(line.slice(2).split(' '));
        if (line.startsWith('! ')) failures.push(line.slice(2));
      }
      if (failures.length > 0) throw new Error(`${command.join(' ')}: ${failures.join('; ')}`);
      return facts;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
