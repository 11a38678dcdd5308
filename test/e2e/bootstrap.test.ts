// Runs bootstrap.mjs on a bare checkout: installation, locks, failures and signals.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bootstrap = fileURLToPath(new URL('../../bootstrap.mjs', import.meta.url));
const platformPackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const installing = /installing its packages/g;

let checkout: string;

beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'plimsoll-bootstrap-'));
  await cp(bootstrap, join(checkout, 'bootstrap.mjs'));
  await describePackages();
  await writeFile(
    join(checkout, 'hello.ts'),
    'const words: string[] = process.argv.slice(2);\nconsole.log(words.join());\nprocess.exitCode = 7;\n',
  );
});

afterEach(() => rm(checkout, { recursive: true }));

test('installs the packages once, then runs the program with its arguments and exit code', async () => {
  const first = await run('hello.ts', 'a', '--b');
  expect(first).toMatchObject({ exitCode: 7, stdout: 'a,--b\n' });
  expect(first.stderr.match(installing)).toHaveLength(1);
  expect(await run('hello.ts')).toMatchObject({ exitCode: 7, stderr: '' });
});

test.each<[string, string[], number]>([
  ['does not install again after npm ci', [], 0],
  ['installs the packages that npm ci omitted', ['--omit=optional'], 1],
])('%s', async (_, words, times) => {
  await describePackagesWithNode();
  spawnSync('npm', ['ci', ...words], { cwd: checkout });
  expect((await run('hello.ts')).stderr.match(installing) ?? []).toHaveLength(times);
});

test('runs in a complete checkout that the user cannot write to', async () => {
  await describePackagesWithNode();
  spawnSync('npm', ['ci'], { cwd: checkout });
  // Root can write anywhere, but not through a symbolic link into a missing folder.
  await symlink(join(checkout, 'missing', 'stamp'), join(checkout, 'node_modules', '.bootstrap-stamp'));
  expect(await run('hello.ts')).toMatchObject({ exitCode: 7, stderr: '' });
});

test('installs again after a change of the lock file', async () => {
  await run('hello.ts');
  await describePackages({ version: '1.0.1' });
  expect((await run('hello.ts')).stderr).toMatch(installing);
});

test('of two simultaneous starts, one installs and the other waits', async () => {
  const both = await Promise.all([run('hello.ts'), run('hello.ts')]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([7, 7]);
  const talk = both.map(({ stderr }) => stderr).join('');
  expect(talk.match(installing)).toHaveLength(1);
  expect(talk).toMatch(/waiting for another installation/);
  expect(await readdir(checkout)).not.toContain('.bootstrap.lock');
});

test('the lock of a killed installation does not block the next one', async () => {
  const { pid } = spawnSync(process.execPath, ['--eval', '0']);
  await writeFile(join(checkout, '.bootstrap.lock'), `${pid} ${hostname()}\n`);
  expect((await run('hello.ts')).exitCode).toBe(7);
});

test('a failed installation shows the message of npm and is tried again', async () => {
  await writeFile(join(checkout, 'package.json'), JSON.stringify({ name: 'ship', dependencies: { pino: '10.4.0' } }));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const { exitCode, stdout, stderr } = await run('hello.ts');
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
    expect(stderr).toMatch(
      /EUSAGE[\s\S]*error: npm ci failed[\s\S]*hint: package\.json and package-lock\.json disagree/,
    );
  }
});

test('an unreachable registry is named in the hint of the error', async () => {
  const pino = { version: '10.4.0', integrity: `sha512-${Buffer.alloc(64).toString('base64')}` };
  await describePackages({ dependencies: { pino: '10.4.0' } }, { 'node_modules/pino': pino });
  // Port 9 of the loopback refuses immediately.
  const { exitCode, stderr } = await runWith(
    { npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0' },
    'hello.ts',
  );
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(/hint: the npm registry did not answer/);
});

test('without npm, the error has a hint to install it', async () => {
  const { exitCode, stderr } = await runWith({ PATH: '' }, 'hello.ts');
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(/error: cannot run npm[\s\S]*hint: install npm/);
});

test('rejects a Node other than the pinned version, and names both versions', async () => {
  await run('hello.ts');
  await describePackages({ optionalDependencies: { [platformPackage]: '24.0.1' } }, undefined, 'package.json');
  const folder = join(checkout, 'node_modules', platformPackage, 'bin');
  await mkdir(folder, { recursive: true });
  await symlink(process.execPath, join(folder, 'node'));
  const { exitCode, stderr } = await run('hello.ts');
  expect(exitCode).toBe(5);
  expect(stderr).toContain(process.version);
  expect(stderr).toContain('24.0.1');
});

test('forwards a signal to the program and exits with its exit code', async () => {
  await writeFile(
    join(checkout, 'waits.ts'),
    "process.on('SIGTERM', () => process.exit(9));\nsetInterval(() => {}, 1000);\nconsole.log('ready');\n",
  );
  await run('hello.ts');
  const child = start({}, 'waits.ts');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([9, null]);
});

test('stops the program when npm and its shell are terminated', async () => {
  await writeFile(
    join(checkout, 'waits.ts'),
    "process.on('SIGTERM', () => {\n  console.log('stopped');\n  process.exit();\n});\nsetInterval(() => {}, 1000);\nconsole.log('ready');\n",
  );
  const manifest = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as object;
  await writeFile(
    join(checkout, 'package.json'),
    JSON.stringify({ ...manifest, scripts: { start: 'node bootstrap.mjs waits.ts' } }),
  );
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`;
  const npm = spawn('npm', ['start', '--silent'], {
    cwd: checkout,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const talk = npm.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
  expect((await talk.next()).value).toBe('ready\n');
  npm.kill('SIGTERM');
  expect((await talk.next()).value).toBe('stopped\n');
});

test('exits with 128 plus the signal number when a signal kills the program', async () => {
  await writeFile(join(checkout, 'dies.ts'), "process.kill(process.pid, 'SIGKILL');\n");
  expect((await run('dies.ts')).exitCode).toBe(128 + 9);
});

/** Writes package.json and a matching lock file; `only` restricts it to one of them. */
async function describePackages(root: object = {}, packages: object = {}, only?: 'package.json'): Promise<void> {
  const ship = { name: 'ship', version: '1.0.0', type: 'module', ...root };
  await writeFile(join(checkout, 'package.json'), JSON.stringify(ship));
  if (only === 'package.json') return;
  const lock = { name: 'ship', lockfileVersion: 3, requires: true, packages: { '': ship, ...packages } };
  await writeFile(join(checkout, 'package-lock.json'), JSON.stringify(lock));
}

/** Writes a package whose Node is a sibling folder. */
async function describePackagesWithNode(): Promise<void> {
  const own = { version: '1.0.0', optional: true };
  await describePackages(
    { optionalDependencies: { [platformPackage]: 'file:own' } },
    { [`node_modules/${platformPackage}`]: { resolved: 'own', link: true, optional: true }, own },
  );
  await mkdir(join(checkout, 'own'));
  await writeFile(join(checkout, 'own', 'package.json'), JSON.stringify({ name: platformPackage, version: '1.0.0' }));
}

function start(environment: NodeJS.ProcessEnv, ...words: string[]) {
  // The environment of a fresh shell: without variables of the npm that runs these tests.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  return spawn(process.execPath, [join(checkout, 'bootstrap.mjs'), ...words], {
    cwd: checkout,
    env: { ...Object.fromEntries(inherited), npm_config_cache: join(checkout, 'npm-cache'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function runWith(environment: NodeJS.ProcessEnv, ...words: string[]) {
  const child = start(environment, ...words);
  const talk = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (talk.stdout += chunk));
  child.stderr.on('data', (chunk) => (talk.stderr += chunk));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, ...talk };
}

function run(...words: string[]) {
  return runWith({}, ...words);
}
