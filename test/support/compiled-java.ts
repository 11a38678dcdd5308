// Compiles a Java program of the tests. A JRE has no compiler, so Eclipse's comes from Maven Central.

import { mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../../core/user-folders.ts';
import { brokerJars } from '../../lab/broker-jars.ts';
import { run } from './jvms/built-once.ts';
import { machineJvm } from './jvms/jvms.ts';

export interface JavaSource {
  /** One source file, or several of one program. */
  source: string | readonly string[];
  /** Oldest Java version that runs it. */
  java: 8 | 17;
  /** Folder with the jars of the compiler's class path. */
  jars?: string;
}

/** @param folder in which the folder `classes` is created. @returns the class path without the jars */
export async function compileJava({ source, java, jars }: JavaSource, folder: string): Promise<string> {
  const compiler = await brokerJars(
    {
      product: 'ecj',
      title: 'the Eclipse compiler for Java',
      version: '3.33.0',
      artefacts: [{ group: 'org.eclipse.jdt', artefact: 'ecj', version: '3.33.0' }],
      complete: ['3.33.0'],
    },
    join(cacheFolder(process.env), 'lab'),
    { signal: AbortSignal.timeout(120_000), environment: process.env, progress: () => undefined },
  );
  const classes = join(folder, 'classes');
  mkdirSync(classes);
  const main = ['-cp', join(compiler, '*'), 'org.eclipse.jdt.internal.compiler.batch.Main'];
  // The compiler does not expand asterisks.
  const against =
    jars === undefined
      ? []
      : [
          '-cp',
          readdirSync(jars)
            .map((jar) => join(jars, jar))
            .join(delimiter),
        ];
  await run(machineJvm().java, [...main, `-${java}`, '-nowarn', ...against, '-d', classes, ...[source].flat()]);
  return classes;
}
