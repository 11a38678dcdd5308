import { expect, test } from 'vitest';
import type { Command, CommandIo } from '../../../cli/command.ts';
import { runCommandLine } from '../../../cli/command-line.ts';
import { systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { runWords } from '../../support/run-words.ts';

const weigh = (run: Command['run'], over: Partial<Command> = {}): Command => ({
  name: 'weigh',
  positionals: 'CARGO',
  options: {
    scale: { type: 'string', value: 'KG', help: 'largest weight (default 10)' },
    json: { type: 'boolean', help: 'print JSON' },
  },
  examples: ['plimsoll weigh tea --scale 5'],
  run,
  ...over,
});
const answer = async () => 0;

async function type(
  words: string[],
  command: Command = weigh(answer),
  world: { isTerminal?: boolean; env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {},
) {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written) => ({
    write: (text: string) => void (written[name] += text),
    isTerminal: world.isTerminal ?? false,
    columns: 80,
  });
  const exitCode = await runCommandLine(
    words,
    {
      Cargo: {
        weigh: { summary: 'Weigh a cargo.', formerly: 'scales', load: async () => command },
      },
      'The dock': {
        dock: { summary: 'Open and close the dock.' },
        'dock open': {
          summary: 'Open the dock.',
          formerly: 'quay open',
          load: async () => weigh(answer, { name: 'dock open' }),
        },
        'dock crane lift': { summary: 'Lift a cargo.', load: async () => weigh(answer, { name: 'dock crane lift' }) },
        'dock close': { summary: 'Close the dock.', load: async () => weigh(answer, { name: 'dock close' }) },
      },
    },
    {
      stdout: output('stdout'),
      stderr: output('stderr'),
      environment: world.env ?? {},
      signal: world.signal ?? new AbortController().signal,
      clock: systemClock,
    },
  );
  return { ...written, exitCode };
}

test('a command gets its words and options in any order, and its result is the exit code', async () => {
  const seen: Pick<CommandIo, 'positionals' | 'options'>[] = [];
  const command = weigh(async ({ positionals, options }) => {
    seen.push({ positionals, options: { ...options } });
    return 3;
  });
  expect(await type(['--log-level', 'error', 'weigh', '--scale', '5', 'tea', '--json'], command)).toMatchObject({
    exitCode: 3,
    stderr: '',
  });
  expect(seen).toEqual([{ positionals: ['tea'], options: { scale: '5', json: true } }]);
});

test.each([
  [['weigh', 'tea', '--scale', ''], '--scale is empty'],
  [['weigh', 'tea', '--scale', '-5'], '--scale is followed by another option instead of a value'],
  [['dock', '--json'], 'unknown option --json'],
])('rejects %j with a specific message', async (words, told) => {
  expect(await type(words)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(told) });
});

test('control characters in messages of brokers and files do not reach the terminal', async () => {
  const command = weigh(() => Promise.reject(new AppError('run-unreadable', 'not JSON: \u001b[2J\u0007 a\nb')));
  expect(await type(['weigh', 'tea'], command)).toMatchObject({
    stderr: expect.stringContaining('not JSON: \uFFFD[2J\uFFFD a\nb\n'),
  });
});

test.each([
  [['dock', 'crane', 'lift', '--json', 'tea'], 0, ''],
  [['help', 'dock', 'crane', 'lift'], 0, 'Usage: plimsoll dock crane lift'],
  [['dock', 'crane'], 0, 'Usage: plimsoll dock crane COMMAND'],
  [['dock', 'crane', 'lyft'], 2, 'there is no command `dock crane lyft`'],
  [['dock', 'krane', 'lift'], 2, 'there is no command `dock krane`'],
])('finds a command of three words: %j', async (words, exitCode, told) => {
  const { stdout, stderr, ...ended } = await type(words);
  expect([ended.exitCode, stdout + stderr]).toEqual([exitCode, expect.stringContaining(told)]);
});

test('a command of two words takes precedence over a group of that name', async () => {
  expect(await type(['dock', 'open', '--help'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('Usage: plimsoll dock open'),
  });
});

test('the first page has a heading for each group, and lists only the parent of subcommands', async () => {
  const { stdout, ...ended } = await type(['--help']);
  expect(ended).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^Cargo:\n {2}weigh +Weigh a cargo\.\n\nThe dock:\n {2}dock … +Open and close the dock\.\n/m);
  expect(stdout).not.toContain('dock open');
  expect(stdout).toContain('--version');
});

test('the help of a parent lists its subcommands', async () => {
  const group = await type(['help', 'dock']);
  expect(group.stdout).toMatch(/^Open and close the dock\.\n/);
  for (const text of ['dock close', 'Close the dock.', '--log-level']) expect(group.stdout).toContain(text);
  expect(group.stdout).not.toContain('weigh');
  expect((await type(['dock'])).stdout).toBe(group.stdout);
});

test('the help of a command shows its declared options and examples', async () => {
  const one = await type(['help', 'weigh']);
  for (const text of [
    'Weigh a cargo.',
    'plimsoll weigh CARGO [OPTIONS]',
    '--scale KG',
    'largest weight (default 10)',
    '$ plimsoll weigh tea --scale 5',
  ]) {
    expect(one.stdout).toContain(text);
  }
});

test.each([
  [['scales', 'tea'], '', 'note: `plimsoll scales` is now `plimsoll weigh`'],
  [['quay', 'open', 'tea'], '', 'note: `plimsoll quay open` is now `plimsoll dock open`'],
  [['help', 'quay'], 'Usage: plimsoll dock COMMAND', ''],
])('a former name still works and is not in the help: %j', async (words, stdout, stderr) => {
  expect(await type(words)).toEqual({
    exitCode: 0,
    stdout: expect.stringContaining(stdout),
    stderr: expect.stringContaining(stderr),
  });
  expect((await type(['--help'])).stdout).not.toMatch(/scales|quay/);
});

test('the help fits the width of the terminal', async () => {
  const { stdout } = await type(['--help']);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('no arguments show the commands and exit with an error', async () => {
  expect(await type([])).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('The dock:') });
});

test('the version is that of the package', async () =>
  expect((await type(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/));

test.each([
  [['wiegh'], 'error: there is no command `wiegh`\nhint: did you mean `plimsoll weigh`?'],
  [['dock', 'opne'], 'error: there is no command `dock opne`\nhint: did you mean `plimsoll dock open`?'],
  [['dock', 'weigh'], 'error: there is no command `dock weigh`\nhint: did you mean `plimsoll weigh`?'],
  [['weigh', '--scael', '5'], 'error: `plimsoll weigh` has no option --scael\nhint: did you mean --scale?'],
  [['weigh', '--scale'], "error: `plimsoll weigh`: Option '--scale <value>' argument missing"],
  [['weigh', '--json=yes'], "error: `plimsoll weigh`: Option '--json' does not take an argument"],
  [['weigh', '--log-level', 'loud'], 'error: --log-level loud is not a level\nhint: levels are'],
  [['--verbose'], 'error: unknown option --verbose'],
])('rejects %j and suggests what was probably meant', async (words, said) => {
  expect(await type(words)).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(said) });
});

test('a command without positional words rejects them', async () => {
  const { positionals: _, ...wordless } = weigh(answer);
  expect(await type(['weigh', 'tea'], wordless)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('takes only options'),
  });
});

test.each([
  ['ops kafka create-topic orders', '--topic orders'],
  ['ops kafka delete-group payments', '--group payments'],
  ['ready prod', '--cluster prod'],
  ['ops kafka partitions orders', undefined],
])('suggests the option of an argument that other tools take: %s', async (words, option) => {
  const { exitCode, stderr } = await runWords(...words.split(' '));
  expect([exitCode, /did you mean (\S+ \S+)\?/.exec(stderr)?.[1]]).toEqual([2, option]);
});

const failing = weigh(async () => {
  throw new AppError('port-in-use', 'cannot listen on 127.0.0.1:1');
});

test('an error shows its message and hint, and exits with the code of its row', async () => {
  expect(await type(['weigh'], failing)).toEqual({
    exitCode: 5,
    stdout: '',
    stderr: 'error: cannot listen on 127.0.0.1:1\nhint: choose another port with --listen, or :0 for any free one\n',
  });
});

test('with --json, the error is also one document on standard output', async () => {
  const { stdout } = await type(['weigh', '--json'], failing);
  expect(JSON.parse(stdout)).toEqual({
    schemaVersion: 1,
    error: {
      code: 'port-in-use',
      message: 'cannot listen on 127.0.0.1:1',
      hint: 'choose another port with --listen, or :0 for any free one',
    },
  });
});

test('uses colours only on terminals without NO_COLOR', async () => {
  const colour = '\u001b[31m';
  expect((await type(['weigh'], failing)).stderr).not.toContain(colour);
  expect((await type(['weigh'], failing, { isTerminal: true })).stderr).toContain(colour);
  expect((await type(['weigh'], failing, { isTerminal: true, env: { NO_COLOR: '1' } })).stderr).not.toContain(colour);
});

test('an unexpected error is one line, and its stack is shown only on request', async () => {
  const broken = weigh(async () => {
    throw new TypeError('x is not a function', { cause: new Error('the deeper one') });
  });
  const plain = await type(['weigh'], broken);
  expect(plain.exitCode).toBe(1);
  expect(plain.stderr).toMatch(/^error: TypeError: x is not a function\nhint: .*PLIMSOLL_DEBUG=1.*\n$/);
  const debugged = await type(['weigh'], broken, { env: { PLIMSOLL_DEBUG: '1' } });
  expect(debugged.stderr).toContain('command-line.test.ts');
  expect(debugged.stderr).toContain('caused by Error: the deeper one');
});

test('an error thrown because of an interruption is an interruption, not a defect', async () => {
  const interrupted = weigh(async ({ signal }) => {
    signal.throwIfAborted();
    return 0;
  });
  const signal = AbortSignal.abort(new AppError('aborted', 'interrupted by SIGINT'));
  expect(await type(['weigh'], interrupted, { signal })).toMatchObject({
    exitCode: 130,
    stderr: 'error: interrupted by SIGINT\nhint: run the command again\n',
  });
  expect(await type(['weigh'], interrupted, { signal: AbortSignal.abort() })).toMatchObject({ exitCode: 130 });
});

test('an interrupted change states whether anything was changed, unless its error does', async () => {
  const change = (hint?: string) =>
    weigh(
      async () => {
        throw new AppError('aborted', 'interrupted by SIGINT', { hint });
      },
      { options: { execute: { type: 'boolean', help: 'make the change' } } },
    );
  const signal = AbortSignal.abort();
  expect(await type(['weigh', '--execute'], change(), { signal })).toMatchObject({
    exitCode: 130,
    stderr: expect.stringContaining('hint: if no step was printed, nothing was changed; `plimsoll ops status`'),
  });
  const { stderr } = await type(['weigh', '--execute'], change('--resume continues'), { signal });
  expect(stderr).toContain('hint: --resume continues\n');
});
