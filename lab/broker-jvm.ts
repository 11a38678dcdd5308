// Starts a JVM of the lab and waits until it is ready.

import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, seconds } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { lastError } from '../core/text/last-error.ts';
import { markedEnvironment, spawnDetached } from './detached-process.ts';
import type { LabProcess } from './lab-state.ts';
import { runTool } from './run-tool.ts';
import { isRunning } from '../core/started-process.ts';
import { makeFolder } from '../core/files.ts';

export interface JvmSetting {
  labId: string;
  java: string;
  jars: string;
  /** Folder of the whole lab. */
  directory: string;
}

export interface Jvm {
  /** Name of the JVM, its folder and its log. */
  name: string;
  role: 'broker' | 'zookeeper' | 'name-server' | 'proxy';
  /** Contents of settings files by path below this JVM's folder, which is its working folder. */
  files: Readonly<Record<string, string>>;
  /** Added to the options of every JVM of the lab. */
  javaOptions: readonly string[];
  /** Options of the server only: for example, two JVMs cannot both open an agent's port. */
  serverOptions?: readonly string[];
  mainClass: string;
  args: readonly string[];
  /** Matches the log line that shows that it is ready. */
  readyLine: RegExp;
  /** Network namespace to run in. */
  namespace?: string;
}

/** Three nodes on two cores started in 8 s, or in 70 s while six other programs used those cores. */
const patience = seconds(180);
const glance = seconds(0.05);

export const nodeFolder = (directory: string, name: string) => join(directory, name);
export const dataFolder = (directory: string, name: string) => join(directory, name, 'data');
export const logFolder = (directory: string) => join(directory, 'logs');
export const gcLogPath = (directory: string, name: string) => join(logFolder(directory), `${name}-gc.log`);
const logPath = (directory: string, name: string) => join(logFolder(directory), `${name}.log`);

/** Class data archive of a role for all starts (JEP 350). The JVM ignores an archive of other jars or another Java. */
export const classArchive = (jars: string, role: Jvm['role']) => join(dirname(jars), `${role}.jsa`);

/** Empties the JVM's folder and writes its settings there. */
export function prepareJvm({ directory }: JvmSetting, { name, files }: Jvm): void {
  const folder = nodeFolder(directory, name);
  rmSync(folder, { recursive: true, force: true });
  for (const path of [dataFolder(directory, name), join(folder, 'tmp'), logFolder(directory)]) makeFolder(path);
  for (const [path, content] of Object.entries(files)) {
    makeFolder(dirname(join(folder, path)));
    // Settings contain passwords of the lab.
    writeFileSync(join(folder, path), content, { mode: 0o600 });
  }
}

/** Runs a tool from the broker's jars to its end. @throws AppError lab-failed with its last output */
export async function runJvmTool(
  setting: JvmSetting,
  jvm: Jvm,
  { attempt, args, signal }: { attempt: string; args: readonly string[]; signal: AbortSignal },
): Promise<void> {
  const [program, ...before] = inNamespace(jvm, setting.java);
  const answer = await runTool(program, [...before, ...javaArgs(setting, jvm), ...args], {
    signal,
    environment: markedEnvironment(setting.labId),
  });
  if (answer?.exitCode === 0) return;
  const said = `${answer?.stdout ?? ''}\n${answer?.stderr ?? ''}`;
  const log = logPath(setting.directory, jvm.name);
  writeFileSync(log, said);
  throw new AppError('lab-failed', `${jvm.name} could not ${attempt}: ${lastError(said) ?? 'no output'}`, {
    hint: `its log: ${log}`,
  });
}

export function startJvm(setting: JvmSetting, jvm: Jvm): LabProcess {
  const { name, role, mainClass } = jvm;
  const log = logPath(setting.directory, name);
  const args = [
    '-Xmx256m',
    '-XX:+ExitOnOutOfMemoryError',
    `-Xlog:gc*:file=${gcLogPath(setting.directory, name)}:time,uptime,level,tags`,
    ...javaArgs(setting, jvm),
    ...(jvm.serverOptions ?? []),
    mainClass,
    ...jvm.args,
  ];
  const output = openSync(log, 'w');
  try {
    const [program, ...before] = inNamespace(jvm, setting.java);
    const at = { labId: setting.labId, cwd: nodeFolder(setting.directory, name), output };
    return { ...spawnDetached(program, [...before, ...args], at), name, role, log };
  } finally {
    closeSync(output);
  }
}

/** @throws AppError lab-failed with the last output of a JVM that exited or did not start */
export async function waitUntilReady(
  started: LabProcess,
  readyLine: RegExp,
  io: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const log = started.log ?? '';
  const end = io.clock.monotonic() + patience;
  for (;;) {
    const runs = isRunning(started);
    const text = readFileSync(log, 'utf8');
    if (readyLine.test(text) && runs) return;
    const fate = runs
      ? io.clock.monotonic() < end
        ? undefined
        : `was not ready after ${patience} s`
      : 'ended while it started';
    if (fate !== undefined) {
      throw new AppError('lab-failed', `${started.name} ${fate}: ${lastError(text) ?? 'no output'}`, {
        hint: `its log: ${log}`,
      });
    }
    await io.clock.sleep(glance, { signal: io.signal });
  }
}

function javaArgs({ directory, jars }: JvmSetting, { name, role, javaOptions }: Jvm): string[] {
  const folder = nodeFolder(directory, name);
  const archive = classArchive(jars, role);
  return [
    ...(existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []),
    '-cp',
    join(jars, '*'),
    // Codecs extract native libraries here, so that they are removed with the folder.
    `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
    ...javaOptions,
  ];
}

const inNamespace = ({ namespace }: Jvm, java: string): [string, ...string[]] =>
  namespace === undefined ? [java] : ['ip', 'netns', 'exec', namespace, java];
