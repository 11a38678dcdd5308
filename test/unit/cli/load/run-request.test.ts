import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readWorkload } from '../../../../app/load-test/read-workload.ts';
import type { CommandIo } from '../../../../cli/command.ts';
import { runOptions } from '../../../../cli/load/run-options.ts';
import { refuseWithCleanUp, runRequestOf } from '../../../../cli/load/run-request.ts';
import { readOptions } from '../../../../cli/parse-arguments.ts';

async function ask(yaml: string, options: CommandIo['options'], words: (file: string) => string[] = (file) => [file]) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-asked-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'w.yaml');
  await writeFile(file, yaml);
  await writeFile(join(folder, 'day.csv'), 'time,rate\n0,100\n60,200\n');
  const request = runRequestOf({ positionals: words(file), options: readOptions(runOptions, options) });
  return readWorkload(request, { signal: new AbortController().signal });
}

const constant = 'messageSize: 1KiB\nprofile: { kind: constant, rate: 5, duration: 1m }\n';

test('the workload file is a positional argument, and options override its values', async () => {
  expect(await ask(constant, { acks: 'leader', 'message-size': '300' })).toMatchObject({
    acks: 'leader',
    messageSize: 300,
    profile: { kind: 'constant', rate: 5 },
  });
});

test('finds files named in the workload file beside it', async () => {
  const workload = await ask('messageSize: 1KiB\nprofile: { kind: replay, file: day.csv }\n', {});
  expect(workload.profile).toMatchObject({ kind: 'replay', points: [{ rate: 100 }, { rate: 200 }] });
});

test.each([
  [{ workload: 'other.yaml' }, (file: string) => [file]],
  [{}, (file: string) => [file, 'second.yaml']],
])('rejects two workload files', async (options, words) => {
  await expect(ask(constant, options, words)).rejects.toThrow(/two workload files given/);
});

test.each([
  [{ 'dry-run': true }, [], '--dry-run'],
  [{ out: 'runs/b' }, [], '--out'],
  [{}, ['w.yaml'], 'w.yaml'],
])('rejects a clean-up with %o and %o, because it would delete', (more, positionals, named) => {
  const withCleanUp = (typed: object, words: string[]) =>
    refuseWithCleanUp({ positionals: words, options: readOptions(runOptions, { cleanup: 'runs/a', ...typed }) });
  expect(() => withCleanUp(more, positionals)).toThrow(`${named} cannot be combined with --cleanup`);
  expect(() => withCleanUp({ config: 'lab.yaml', confirm: 'id', json: true }, [])).not.toThrow();
});

test('the command to resume a run includes the given config file', () => {
  const resume = (config: object) =>
    runRequestOf({
      positionals: [],
      options: readOptions(runOptions, { resume: 'runs/a', out: 'runs/b', ...config }),
    });
  const refusedWith = (hint: string) => expect.objectContaining({ hint });
  expect(() => resume({ config: 'my lab.yaml' })).toThrow(
    refusedWith("plimsoll run --resume runs/a --config 'my lab.yaml'"),
  );
  expect(() => resume({})).toThrow(refusedWith('plimsoll run --resume runs/a'));
});

test('an error in the workload file is a workload error, not a config error', async () => {
  await expect(ask('messageSze: 1KiB\n', {})).rejects.toMatchObject({ code: 'workload-invalid' });
});
