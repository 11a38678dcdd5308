import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { CommandDefinition, CommandIo } from '../../../../cli/command.ts';
import { historyAddCommand } from '../../../../cli/commands/history-add.ts';
import { historyBackupCommand } from '../../../../cli/commands/history-backup.ts';
import { historyExportCommand } from '../../../../cli/commands/history-export.ts';
import { historyRestoreCommand } from '../../../../cli/commands/history-restore.ts';
import { historyShowCommand } from '../../../../cli/commands/history-show.ts';
import { readOptions } from '../../../../cli/parse-arguments.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { HistoryEntry } from '../../../../core/documents/history-entry.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { annotation, operator } from '../../../support/history-entries.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-ledger-commands-'));
  file = join(folder, 'ledger.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(
  command: CommandDefinition,
  positionals: string[],
  options: CommandIo['options'] = {},
): Promise<string> {
  let written = '';
  const io: Partial<CommandIo> = {
    positionals,
    options: readOptions(command.options, { 'history-db': file, ...options }),
    stdout: { write: (text) => void (written += text), isTerminal: false, columns: 100 },
    signal: new AbortController().signal,
    environment: {},
    clock: systemClock,
  };
  expect(await command.run(io as CommandIo)).toBe(0);
  return written;
}
function filled(...notes: string[]): void {
  fill(file, notes);
}
function fill(at: string, notes: readonly string[]): void {
  using history = openHistory(at, { clock: systemClock });
  for (const note of notes) history.append(annotation(note), operator);
}

test('reports, shows and exports a new entry with its document', async () => {
  const path = join(folder, 'verdict.json');
  writeFileSync(path, JSON.stringify(readAnalysis('load-test')));
  expect(await run(historyAddCommand, [path], { cluster: 'orders' })).toMatch(
    /^entry 1, test: predicted 21,841 msg\/s/,
  );
  expect(await run(historyShowCommand, [])).toMatch(/ 1 {2}\S+Z {2}\S+ {2}test {2}orders {3}predicted 21,841/);
  const { entry } = JSON.parse(await run(historyShowCommand, ['1'])) as { entry: HistoryEntry };
  expect(entry.document).toEqual(readAnalysis('load-test'));
  expect(JSON.parse(await run(historyExportCommand, []))).toEqual(entry);
});

test('refuses figures of another kind of cluster than the config has', async () => {
  const [path, config] = [join(folder, 'verdict.json'), join(folder, 'plimsoll.yaml')];
  writeFileSync(path, JSON.stringify(readAnalysis('load-test')));
  writeFileSync(
    config,
    'clusters:\n  mq: { broker: rocketmq, namesrv: [127.0.0.1:9876] }\n  orders: { broker: kafka, bootstrap: [127.0.0.1:9092] }\n',
  );
  const added = (cluster: string) => run(historyAddCommand, [path], { cluster, config });
  await expect(added('mq')).rejects.toMatchObject({
    message: `${path} is of a Kafka cluster, but mq is a RocketMQ cluster`,
    hint: 'give --cluster NAME of a Kafka cluster',
  });
  expect(await added('orders')).toMatch(/^entry 1, test/);
  expect(await added('unlisted')).toMatch(/^entry 2, test/);
});

test('adds either all given files or none', async () => {
  filled();
  const path = join(folder, 'verdict.json');
  writeFileSync(path, JSON.stringify(readAnalysis('load-test')));
  {
    using database = new DatabaseSync(file);
    database.exec(`CREATE TRIGGER second_fails BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry)
      BEGIN SELECT RAISE(ABORT, 'no second entry'); END`);
  }
  await expect(run(historyAddCommand, [path, path], { cluster: 'orders' })).rejects.toThrow('no second entry');
  expect(await run(historyShowCommand, [])).toBe('no entries\n');
});

test('marks a load test with a broker down', async () => {
  const path = join(folder, 'verdict.json');
  const degraded = { lost: ['2'], waitedSeconds: 3, copies: 2 };
  writeFileSync(path, JSON.stringify({ ...readAnalysis('load-test'), degraded }));
  expect(await run(historyAddCommand, [path], { cluster: 'orders' })).toMatch(
    /^entry 1, test: without broker 2: predicted 21,841 msg\/s/,
  );
});

test('a user without a name, as in a container, is recorded by number or USER', async () => {
  const naming = vi.spyOn(os, 'userInfo').mockImplementation(() => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT (no such file or directory)');
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    naming.mockRestore();
    syncBuiltinESMExports();
  });
  const path = join(folder, 'verdict.json');
  writeFileSync(path, JSON.stringify(readAnalysis('load-test')));
  await run(historyAddCommand, [path], { cluster: 'orders' });
  const { entry } = JSON.parse(await run(historyShowCommand, ['1'])) as { entry: HistoryEntry };
  expect(entry.by).toEqual({ name: `user ${process.getuid?.()}`, through: 'cli' });
});

test('the default history is service.ledger, then beside the default config file, then in --state-dir', async () => {
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(folder);
  const place = { 'history-db': undefined, 'state-dir': join(folder, 'state'), json: true };
  const notes = async (options: CommandIo['options']) =>
    (JSON.parse(await run(historyShowCommand, [], options)) as { entries: HistoryEntry[] }).entries.length;
  fill(join(folder, 'state', 'ledger.sqlite'), ['state']);
  expect(await notes(place)).toBe(1);
  writeFileSync('plimsoll.yaml', 'service: { ledger: own.sqlite }\n');
  fill(join(folder, 'own.sqlite'), ['configured', 'configured']);
  expect(await notes(place)).toBe(2);
  process.chdir(before);
  expect(await notes({ ...place, config: join(folder, 'plimsoll.yaml') })).toBe(2);
});

test('a list contains only requested entries, and an empty list is reported as such', async () => {
  filled('a', 'b', 'c');
  const shown = async (options: CommandIo['options']) =>
    (
      JSON.parse(await run(historyShowCommand, [], { json: true, ...options })) as { entries: HistoryEntry[] }
    ).entries.map(({ id }) => id);
  expect(await shown({ limit: '2' })).toEqual([3, 2]);
  expect(await shown({ kind: ['change', 'test'], cluster: 'orders' })).toEqual([3, 2, 1]);
  expect(await shown({ kind: ['test'] })).toEqual([]);
  expect(await run(historyShowCommand, [], { cluster: 'nobody' })).toBe('no entries\n');
});

test('an export is lines or one document, oldest first', async () => {
  filled('a', 'b');
  const lines = (await run(historyExportCommand, [])).trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as HistoryEntry).id)).toEqual([1, 2]);
  expect(JSON.parse(await run(historyExportCommand, [], { format: 'json' }))).toMatchObject({
    entries: [{ id: 1 }, { id: 2 }],
  });
  expect(JSON.parse(await run(historyExportCommand, [], { format: 'json', cluster: 'nobody' }))).toMatchObject({
    entries: [],
  });
});

test('an export buffers no more than its reader has consumed', async () => {
  filled(...Array.from({ length: 120 }, (_, index) => `${index} ${'x'.repeat(1000)}`));
  let [waiting, most, lines] = [0, 0, 0];
  const stdout: CommandIo['stdout'] = {
    write(text) {
      waiting += text.length;
      most = Math.max(most, waiting);
      lines++;
    },
    // Simulates a pipe that holds 64 KiB.
    async drained() {
      if (waiting < 65_536) return;
      await Promise.resolve();
      waiting = 0;
    },
    isTerminal: false,
    columns: 100,
  };
  const { signal } = new AbortController();
  const command: CommandDefinition = historyExportCommand;
  const options = readOptions(command.options, { 'history-db': file });
  const io: Partial<CommandIo> = { options, stdout, signal, clock: systemClock };
  await command.run(io as CommandIo);
  expect(lines).toBe(120);
  expect(most).toBeLessThan(65_536 + 2000);
});

test('control characters in names do not reach the terminal', async () => {
  filled('\u001b[2J gone');
  expect(await run(historyShowCommand, [])).not.toContain('\u001b');
});

test('a backup is overwritten only with --force, and can replace the history', async () => {
  filled('a');
  const out = join(folder, 'backup.sqlite');
  expect(await run(historyBackupCommand, [], { out })).toMatch(/^1 entry, the last of /);
  await expect(run(historyBackupCommand, [], { out })).rejects.toMatchObject({ code: 'file-exists' });
  expect(await run(historyBackupCommand, [], { out, force: true })).toContain(out);
  expect(await run(historyRestoreCommand, [out])).toContain('the previous history is in');
});

test.for([
  [historyShowCommand, ['x'], {}, 'not-found'],
  [historyShowCommand, ['1', '2'], {}, 'usage'],
  [historyShowCommand, [], { limit: '501' }, 'usage'],
  [historyShowCommand, [], { limit: 'many' }, 'usage'],
  [historyShowCommand, [], { kind: ['verdikt'] }, 'usage'],
  [historyExportCommand, [], { format: 'xml' }, 'usage'],
  [historyBackupCommand, [], {}, 'usage'],
  [historyRestoreCommand, [], {}, 'usage'],
  [historyRestoreCommand, ['/nowhere/backup.sqlite'], {}, 'not-found'],
  [historyAddCommand, [], {}, 'usage'],
  [historyAddCommand, ['/nowhere.json'], {}, 'not-found'],
  [historyAddCommand, ['x'], { cluster: '' }, 'usage'],
] as const)('%# is rejected with its error code', async ([command, words, options, code]) => {
  filled('kept');
  await expect(run(command, [...words], options)).rejects.toMatchObject({ code });
});

test('adds none of several files if one cannot be read', async () => {
  const path = join(folder, 'verdict.json');
  writeFileSync(path, JSON.stringify(readAnalysis('load-test')));
  await expect(run(historyAddCommand, [path, join(folder, 'nothing.json')])).rejects.toMatchObject({
    code: 'not-found',
  });
  expect(existsSync(file)).toBe(false);
});
