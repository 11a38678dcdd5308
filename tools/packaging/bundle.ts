// Builds an offline archive per platform with the packages, Node and the licences.
//
//   npm run bundle -- [--arch x64|arm64] [--out FOLDER]

import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runNode } from '../run-node.ts';
import { renderBillOfMaterials, renderNotices, readProductionPackages } from './production-packages.ts';
import { mustRun } from './must-run.ts';
import { removeOtherVersions } from './remove-other-versions.ts';
import { verifyNode } from './verify-node.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const architectures = ['x64', 'arm64'];

/** bootstrap.mjs explains the 4 MB. `exec`, so that signals reach Plimsoll without a shell in between. */
const command = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/node" --max-semi-space-size=4 "$here/../dist/cli/main.js" "$@"
`;

const { values } = parseArgs({ options: { arch: { type: 'string', multiple: true }, out: { type: 'string' } } });
const requested = values.arch ?? architectures;
const unknown = requested.find((name) => !architectures.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`error: --arch is ${JSON.stringify(unknown)}\nhint: there are x64 and arm64\n`);
  process.exit(2);
}
if ((await runNode([join(root, 'tools/build.ts')], root)) !== 0) process.exit(1);
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
const out = resolve(values.out ?? join(root, 'dist-bundles'));
await mkdir(out, { recursive: true });
for (const architecture of requested) process.stdout.write(`${await makeBundle(architecture, out)}\n`);
// A folder chosen by the user may be a collection of versions.
if (values.out === undefined) await removeOtherVersions(out, version);

/** @returns the archive's path; equal sources and packages give equal bytes */
async function makeBundle(architecture: string, out: string): Promise<string> {
  const name = `plimsoll-${version}-linux-${architecture}`;
  const above = await mkdtemp(join(tmpdir(), 'plimsoll-offline-'));
  const stage = join(above, name);
  try {
    for (const part of [
      'dist',
      'deploy',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'package.json',
      'package-lock.json',
    ]) {
      // The Helm chart has links to the rules and dashboards.
      await cp(join(root, part), join(stage, part), { recursive: true, dereference: true });
    }
    await installPackages(stage, architecture);
    const cache = (await mustRun('npm', ['config', 'get', 'cache'], root)).trim();
    await verifyNode({ stage, architecture, cache });
    await mkdir(join(stage, 'bin'));
    await symlink(`../node_modules/node-linux-${architecture}/bin/node`, join(stage, 'bin', 'node'));
    await writeFile(join(stage, 'bin', 'plimsoll'), command);
    await chmod(join(stage, 'bin', 'plimsoll'), 0o755);
    await writeFile(join(stage, 'NOTICES.txt'), renderNotices(await readProductionPackages(stage)));
    await forgetDevelopment(stage);
    await writeFile(join(stage, 'sbom.cdx.json'), await renderBillOfMaterials(stage));
    return await pack(above, name, out);
  } finally {
    await rm(above, { recursive: true, force: true });
  }
}

/** Compiles nothing: a package built for this machine would not run on the other architecture. */
async function installPackages(stage: string, architecture: string): Promise<void> {
  const platform = ['--os=linux', `--cpu=${architecture}`, '--libc=glibc'];
  const only = ['--omit=dev', '--include=optional', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await mustRun('npm', ['ci', ...platform, ...only, '--loglevel=error'], stage);
}

/** Removes development packages, which would be reported as missing in the bill of materials. */
async function forgetDevelopment(stage: string): Promise<void> {
  const file = join(stage, 'package.json');
  const { devDependencies: _, ...rest } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, `${JSON.stringify(rest, undefined, 2)}\n`);
  await rm(join(stage, 'package-lock.json'));
}

async function pack(above: string, name: string, out: string): Promise<string> {
  // No times or users, so that equal content has an equal digest.
  const same = [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    // Independent of the builder's umask, because a dynamic user reads the program.
    '--mode=u=rwX,go=rX',
    '--format=gnu',
  ];
  const archive = join(out, `${name}.tar.gz`);
  await mustRun('tar', [...same, '--use-compress-program=gzip -n', '-cf', archive, name], above);
  const digest = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex');
  await writeFile(`${archive}.sha256`, `${digest}  ${name}.tar.gz\n`);
  return archive;
}
