// Runs an allocating Java program, and returns its GC log and its own GC figures.

import { globSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { compileJava } from '../compiled-java.ts';
import { run } from '../jvms/built-once.ts';
import { machineJvm, type Jvm } from '../jvms/jvms.ts';

const source = fileURLToPath(new URL('../../fixtures/gc-program/GcProgram.java', import.meta.url));

/** Causes about six full collections in about two seconds. */
const rounds = 12;

/** Large enough that the flight recorder starts without a GC cycle, which loading its classes would trigger in G1. */
const heap = ['-Xms128m', '-Xmx128m', '-XX:MetaspaceSize=64m'];

const Bean = z.object({ name: z.string(), count: z.number().int(), seconds: z.number() });
const Rest = z.object({ epochMs: z.number(), uptimeSeconds: z.number() });
const Beans = z.object({ rest: Rest, after: z.array(Bean) });
const Recording = z.object({ count: z.number().int(), seconds: z.number() });

export interface JvmWord {
  /** Figures of stop-the-world collections: beans of concurrent cycles are excluded. */
  beans: { count: number; seconds: number; resolution: number };
  /** Figures before the recording started, without a concurrent collection: the recording lacks earlier pauses. */
  rest: z.infer<typeof Rest>;
  recording: { count: number; seconds: number };
}

/** @returns the class path */
export const compileGcProgram = (folder: string): Promise<string> => compileJava({ source, java: 8 }, folder);

/** @throws Error if the JVM rejects the options or runs out of heap */
export async function runGcProgram(
  jvm: Jvm,
  options: readonly string[],
  { classes, folder }: { classes: string; folder: string },
): Promise<JvmWord> {
  const recording = join(folder, 'pauses.jfr');
  const program = ['-cp', classes, 'GcProgram'];
  const said = await run(jvm.java, [...heap, ...options, ...program, String(rounds), recording]);
  const { rest, after } = Beans.parse(lastJson(said));
  const stops = after.filter(({ name }) => !name.includes('Cycles'));
  return {
    beans: {
      count: sum(stops.map(({ count }) => count)),
      seconds: sum(stops.map(({ seconds }) => seconds)),
      resolution: stops.length / 1000,
    },
    rest,
    recording: Recording.parse(lastJson(await run(machineJvm().java, [...program, recording]))),
  };
}

/** A JVM may print warnings to standard output first. */
const lastJson = (said: string): unknown => JSON.parse(said.trim().split('\n').at(-1) ?? '');

/** @returns the bytes of all files of a rotated log in the order of writing */
export async function readRotated(file: string): Promise<Buffer> {
  const paths = globSync(`${file}*`).map((path) => ({ path, at: statSync(path, { bigint: true }).mtimeNs }));
  const inOrder = paths.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  return Buffer.concat(await Promise.all(inOrder.map(({ path }) => readFile(path))));
}

export const sum = (figures: readonly number[]) => figures.reduce((total, figure) => total + figure, 0);
