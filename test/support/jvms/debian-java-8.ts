// Unpacks Debian's Java 8 with its own C library.

import { globSync } from 'node:fs';
import { mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtOnce, run } from './built-once.ts';

/**
 * Packages newer than in a stable Debian: Java's dependencies, and patchelf to set their paths. Without versions, since
 * unstable keeps only the latest; apt checks them against Debian's signature.
 */
const packages = ['openjdk-8-jre-headless', 'libc6', 'libstdc++6', 'libgcc-s1', 'zlib1g', 'patchelf'];
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** @returns the home of the JVM within `cache`. @throws Error with the output of apt */
export async function unpackJava8(cache: string): Promise<string> {
  const home = join(cache, 'debian-java-8');
  const jre = join(home, 'usr/lib/jvm/java-8-openjdk-amd64/jre');
  await builtOnce(home, async (building) => {
    for (const file of await download(join(building, 'apt'))) await run('dpkg-deb', ['-x', file, building]);
    await rm(join(building, 'apt'), { recursive: true });
    await settle(building, home, jre);
  });
  return jre;
}

/** Uses a separate apt state: the sources and the state of the machine are neither read nor changed. */
async function download(folder: string): Promise<string[]> {
  const debs = join(folder, 'debs');
  for (const path of ['lists/partial', 'cache/archives/partial', 'debs']) {
    await mkdir(join(folder, path), { recursive: true });
  }
  await writeFile(join(folder, 'status'), '');
  await writeFile(join(folder, 'sources.list'), `deb [signed-by=${keyring}] http://deb.debian.org/debian sid main\n`);
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'APT::Architecture': 'amd64',
    'APT::Sandbox::User': '',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', ['-q', 'update', ...options]);
  // apt downloads into the working folder.
  await run('sh', ['-c', 'cd "$1" && shift && exec apt-get -q download "$@"', 'sh', debs, ...options, ...packages]);
  return (await readdir(debs)).map((file) => join(debs, file));
}

/** Sets paths to the final place, `home`; patchelf runs with the downloaded C library. */
async function settle(building: string, home: string, jre: string): Promise<void> {
  const libraries = 'usr/lib/x86_64-linux-gnu';
  const loader = join(libraries, 'ld-linux-x86-64.so.2');
  const search = [join(home, libraries), join(jre, 'lib/amd64/jli'), join(jre, 'lib/amd64')].join(':');
  const inBuilding = (path: string) => join(building, path);
  await run(inBuilding(loader), [
    '--library-path',
    inBuilding(libraries),
    inBuilding('usr/bin/patchelf'),
    '--set-interpreter',
    join(home, loader),
    '--force-rpath',
    '--set-rpath',
    search,
    jre.replace(home, building) + '/bin/java',
  ]);
  // Its settings are symbolic links into /etc.
  for (const entry of globSync('**', { cwd: jre.replace(home, building), withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const target = await readlink(path);
    if (!target.startsWith('/etc/java-8-openjdk/')) continue;
    await rm(path);
    await symlink(join(home, target), path);
  }
}
