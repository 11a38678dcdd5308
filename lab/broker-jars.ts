// Fetches the jars of a broker version with Maven into the cache; replaces a damaged cache.

import { mkdtempDisposable, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { findMaven, type PrerequisiteIo } from './prerequisites.ts';
import type { Release } from './release.ts';
import { runTool } from './run-tool.ts';
import { makeFolder } from '../core/files.ts';

/** Every jar with its size; written last, into a complete folder. */
const Manifest = z.record(z.string(), z.number().int().positive());
const manifestName = 'jars.json';

export interface JarsIo extends PrerequisiteIo {
  progress(line: string): void;
}

/**
 * @returns the folder of jars.
 * @throws AppError usage for a version that does not exist, prerequisite-missing, lab-failed
 */
export async function brokerJars(release: Release, cache: string, io: JarsIo): Promise<string> {
  const home = join(cache, `${release.product}-${release.version}`);
  if (!(await isComplete(home))) await fetchJars(release, home, io);
  return join(home, 'lib');
}

async function isComplete(home: string): Promise<boolean> {
  try {
    const manifest = Manifest.parse(JSON.parse(await readFile(join(home, manifestName), 'utf8')));
    const sizes = await Promise.all(
      Object.keys(manifest).map(async (jar) => (await stat(join(home, 'lib', jar))).size),
    );
    return sizes.length > 0 && Object.values(manifest).every((size, index) => size === sizes[index]);
  } catch {
    return false;
  }
}

async function fetchJars(release: Release, home: string, io: JarsIo): Promise<void> {
  const maven = findMaven(io);
  makeFolder(dirname(home));
  await using building = await mkdtempDisposable(`${home}.building-`);
  const lib = join(building.path, 'lib');
  const pom = join(building.path, 'pom.xml');
  await writeFile(pom, renderPom(release));
  io.progress(`fetching ${release.title} ${release.version} with Maven (once; kept in ${home})`);
  let files = 0;
  const answer = await runTool(
    maven,
    ['-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${lib}`],
    {
      ...io,
      onLine: (line) => {
        if (/Downloaded from .*\.jar /.test(line) && ++files % 10 === 0)
          io.progress(`fetching ${release.title} ${release.version}: ${files} files`);
      },
    },
  );
  if (answer?.exitCode !== 0) throw mavenFault(release, answer?.stdout ?? '');
  const jars = await readdir(lib);
  const sizes = await Promise.all(jars.map(async (jar) => [jar, (await stat(join(lib, jar))).size] as const));
  await writeFile(join(building.path, manifestName), JSON.stringify(Object.fromEntries(sizes), undefined, 2));
  await moveIntoPlace(building.path, home);
}

async function moveIntoPlace(built: string, home: string): Promise<void> {
  try {
    await rename(built, home);
  } catch (cause) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    // Either a broken cache exists there, or another lab was faster.
    if (await isComplete(home)) return;
    await rm(home, { recursive: true, force: true });
    await rename(built, home);
  }
}

function mavenFault(release: Release, output: string): AppError {
  const error = output.split('\n').find((line) => line.startsWith('[ERROR]')) ?? '';
  // The artifact does not exist, or did not exist when Maven last checked.
  const { group, artefact } = release.artefacts[0] ?? { group: '', artefact: '' };
  if (
    error.includes(`artifact ${group}:${artefact}`) ||
    new RegExp(`${group}:${artefact}\\S* was not found`).test(error)
  ) {
    return new AppError('usage', `Maven finds no ${release.title} ${release.version}`, {
      hint: `give --version a release that Maven Central has, such as ${release.complete.join(', ')}`,
    });
  }
  const reason = error.replace('[ERROR] ', '').replace(/ -> \[Help.*$/, '') || 'it said nothing';
  return new AppError('lab-failed', `Maven could not fetch ${release.title} ${release.version}: ${reason}`, {
    hint: 'check that `mvn` reaches its repository from this machine (proxy and mirrors: ~/.m2/settings.xml)',
  });
}

function renderPom({ product, version, artefacts }: Release): string {
  const dependencies = artefacts.map(
    ({ group, artefact, version: of, classifier }) =>
      `    <dependency><groupId>${group}</groupId><artifactId>${artefact}</artifactId><version>${of}</version>${
        classifier === undefined ? '' : `<classifier>${classifier}</classifier>`
      }</dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>plimsoll.lab</groupId>
  <artifactId>${product}</artifactId>
  <version>${version}</version>
  <packaging>pom</packaging>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`;
}
