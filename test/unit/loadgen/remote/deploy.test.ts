import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock, untilAborted } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';
import { allOrNone } from '../../../../loadgen/remote/crew.ts';
import { deploy, type DeployOptions } from '../../../../loadgen/remote/deploy.ts';
import type { RemoteMachine } from '../../../../loadgen/remote/machine.ts';
import { packFolder } from '../../../../loadgen/remote/pack-program.ts';
import type { Pass } from '../../../../loadgen/remote/pass.ts';

let home: string;
let bundle: { file: string; digest: string };
const io = { signal: AbortSignal.timeout(20_000) };

/** The shell of this machine with another home folder. */
const machine = (): RemoteMachine => ({
  name: 'east',
  run: (command, input) =>
    new Promise((resolve) => {
      const child = execFile('sh', ['-c', command], { env: { ...process.env, HOME: home } }, (_, stdout, stderr) =>
        resolve({ stdout, stderr }),
      );
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    }),
  put: (file, path) => copyFile(file, path),
});

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'plimsoll-home-'));
  const source = join(home, 'source');
  await writeFile(join(home, 'start-worker'), '#!/bin/sh\ncat > "$HOME/heard"\n', { mode: 0o755 });
  await new Promise<void>((resolve) => execFile('tar', ['-czf', source, '-C', home, 'start-worker'], () => resolve()));
  await rm(join(home, 'start-worker'));
  bundle = {
    file: source,
    digest: createHash('sha256')
      .update(await readFile(source))
      .digest('hex'),
  };
});
afterEach(() => rm(home, { recursive: true }));

const options = (change: Partial<DeployOptions> = {}): DeployOptions => ({
  pack: async () => bundle,
  mostSecondsOff: 60,
  keepBundle: false,
  clock: systemClock,
  onLog: () => {},
  ...change,
});
const pass = { worker: 'east' } as unknown as Pass;

test('a program bundle is packed without tools, with modes and links, and is reproducible', async () => {
  const [source, out] = [join(home, 'program'), join(home, 'out')];
  const long = join('node_modules', 'deep'.repeat(20), `${'n'.repeat(90)}.js`);
  await mkdir(join(source, 'node_modules', 'deep'.repeat(20)), { recursive: true });
  await mkdir(out);
  await writeFile(join(source, long), 'x'.repeat(513), { mode: 0o600 });
  await writeFile(join(source, 'empty'), '');
  await writeFile(join(source, 'start'), '#!/bin/sh\n', { mode: 0o755 });
  await symlink('start', join(source, 'link'));
  const [first, second] = [join(home, 'first.tar.gz'), join(home, 'second.tar.gz')];
  vi.stubEnv('PATH', '');
  const digest = await packFolder(source, first, io.signal).finally(() => vi.unstubAllEnvs());
  expect(digest).toBe(
    createHash('sha256')
      .update(await readFile(first))
      .digest('hex'),
  );
  expect(await packFolder(source, second, io.signal)).toBe(digest);
  const stderr = await new Promise((resolve) =>
    execFile('tar', ['-xpzf', first, '-C', out], (_, __, text) => resolve(text)),
  );
  expect(stderr).toBe('');
  expect((await readdir(out)).toSorted()).toEqual((await readdir(source)).toSorted());
  for (const name of ['start', long]) {
    expect(await readFile(join(out, name), 'utf8')).toBe(await readFile(join(source, name), 'utf8'));
    expect((await lstat(join(out, name))).mode).toBe((await lstat(join(source, name))).mode);
  }
  expect(await readlink(join(out, 'link'))).toBe('start');
});

test('the worker gets its pass on standard input and leaves no files behind', async () => {
  const deployed = await deploy(machine(), options(), io);
  await deployed.serve(pass, io);
  expect(JSON.parse(await readFile(join(home, 'heard'), 'utf8'))).toEqual(pass);
  await deployed[Symbol.asyncDispose]();
  expect((await readdir(home)).toSorted()).toEqual(['heard', 'source']);
});

test('copied files are removed when the worker ends, without a request', async () => {
  const deployed = await deploy(machine(), options(), io);
  await deployed.serve(pass, io);
  expect((await readdir(home)).toSorted()).toEqual(['heard', 'source']);
});

test('a kept bundle is copied only once', async () => {
  let copies = 0;
  const counting: RemoteMachine = {
    ...machine(),
    put: (file, path) => {
      copies += 1;
      return copyFile(file, path);
    },
  };
  for (let run = 0; run < 2; run++) {
    await using deployed = await deploy(counting, options({ keepBundle: true }), io);
    await deployed.serve(pass, io);
  }
  expect(copies).toBe(1);
});

test('a copy that arrives damaged is refused and removed', async () => {
  const damaging: RemoteMachine = { ...machine(), put: (_, path) => writeFile(path, 'half of it') };
  await expect(deploy(damaging, options(), io)).rejects.toThrow(
    'host east cannot become a worker: the copy arrived damaged',
  );
  expect(await readdir(home)).toEqual(['source']);
});

test('nothing is copied to a machine that cannot run it', async () => {
  const old: RemoteMachine = {
    ...machine(),
    run: async () => ({
      stdout: 'system Linux\nmachine x86_64\nlibc glibc 2.17\nfree a 1 1 99999999 1% /\n',
      stderr: '',
    }),
    put: () => Promise.reject(new Error('copied')),
  };
  await expect(deploy(old, options(), io)).rejects.toThrow('glibc 2.17');
});

test.each([false, true])(
  'if one host is unfit, another host still being copied to is left as it was (kept: %s)',
  async (keepBundle) => {
    const { promise: copying, resolve: copyStarted } = Promise.withResolvers<void>();
    /** A session: once it is closed, nothing runs on the host. */
    const openMachine = (name: string) => {
      let isClosed = false;
      const own = machine();
      const reached: RemoteMachine = {
        name,
        async run(command, input, its) {
          if (isClosed) throw new AppError('host-unreadable', `the connection to ${name} is closed`);
          if (name === 'west') {
            await copying;
            return { stdout: '', stderr: 'no shell for this user' };
          }
          return own.run(command, input, its);
        },
        async put(_, path, { signal }) {
          await writeFile(path, 'the first part');
          copyStarted();
          await untilAborted(new Promise(() => {}), signal);
        },
      };
      return { reached, [Symbol.dispose]: () => void (isClosed = true) };
    };
    const logs: string[] = [];
    const deployAll = async () => {
      await using machines = new AsyncDisposableStack();
      await allOrNone(['east', 'west'], io.signal, async (name, _, its) => {
        const { reached } = machines.use(openMachine(name));
        machines.use(await deploy(reached, options({ keepBundle, onLog: (line) => logs.push(line) }), its));
      });
    };
    await expect(deployAll()).rejects.toMatchObject({ code: 'machine-unfit' });
    expect((await readdir(home)).toSorted()).toEqual(['source']);
    expect(logs.filter((line) => line.includes('could not be removed'))).toEqual([]);
  },
);
