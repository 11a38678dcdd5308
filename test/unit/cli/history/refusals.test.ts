import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandDefinition, CommandIo } from '../../../../cli/command.ts';
import { historyAddCommand } from '../../../../cli/commands/history-add.ts';
import { historyBackupCommand } from '../../../../cli/commands/history-backup.ts';
import { historyExportCommand } from '../../../../cli/commands/history-export.ts';
import { historyRestoreCommand } from '../../../../cli/commands/history-restore.ts';
import { historyShowCommand } from '../../../../cli/commands/history-show.ts';
import { readOptions } from '../../../../cli/parse-arguments.ts';
import { systemClock } from '../../../../core/clock.ts';
import { migrations } from '../../../../service/history/open-database.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { lockHistory } from '../../../../service/history/writer-lock.ts';
import { annotation, operator } from '../../../support/history-entries.ts';

let folder: ReturnType<typeof mkdtempDisposableSync>;
let file: string;
beforeEach(() => {
  folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-refusals-'));
  file = join(folder.path, 'ledger.sqlite');
  using history = openHistory(file, { clock: systemClock });
  history.append(annotation('kept'), operator);
});
afterEach(() => folder.remove());

const signal = new AbortController().signal;
function run(
  command: CommandDefinition,
  words: readonly string[] = [],
  options: CommandIo['options'] = {},
): Promise<number> {
  const io: Partial<CommandIo> = {
    positionals: words,
    options: readOptions(command.options, { 'history-db': file, ...options }),
    stdout: { write: () => {}, isTerminal: false, columns: 100 },
    signal,
    environment: {},
    clock: systemClock,
  };
  return command.run(io as CommandIo);
}
const add = () => run(historyAddCommand, ['test/fixtures/analyses/load-test.json'], { cluster: 'orders' });
const byHand = (sql: string) => {
  using database = new DatabaseSync(file);
  database.exec(sql);
};

async function expectRefusal(
  refused: Promise<number>,
  { exitCode, error, hint }: { exitCode: number; error: RegExp; hint: string },
): Promise<void> {
  await expect(refused).rejects.toMatchObject({
    exitCode,
    message: expect.stringMatching(error) as string,
    hint: expect.stringContaining(hint) as string,
  });
  await expect(refused).rejects.toThrow(file);
}

test('rejects a history that another tool has locked, and opens it once it is released', async () => {
  {
    using other = new DatabaseSync(file);
    other.exec('BEGIN EXCLUSIVE');
    await expectRefusal(add(), {
      exitCode: 5,
      error: /^cannot .* history file .*: database is locked/,
      hint: 'only one process can write the history: stop the other one, or give this one another `--history-db`',
    });
  }
  expect(await add()).toBe(0);
});

test('does not restore a backup while the service runs', async () => {
  const backup = join(folder.path, 'backup.sqlite');
  expect(await run(historyBackupCommand, [], { out: backup })).toBe(0);
  using _service = lockHistory(file);
  await expectRefusal(run(historyRestoreCommand, [backup]), {
    exitCode: 5,
    error: /^another service uses history file /,
    hint: 'stop the service',
  });
});

test('a missing backup is named as the backup, and the history stays', async () => {
  const backup = join(folder.path, 'none.sqlite');
  await expect(run(historyRestoreCommand, [backup])).rejects.toMatchObject({
    exitCode: 2,
    message: `there is no backup ${backup}`,
    hint: 'nothing was changed: give a file that `plimsoll history backup` wrote',
  });
});

test('rejects a backup into a missing folder with the reason', async () => {
  const out = join(folder.path, 'missing', 'backup.sqlite');
  await expect(run(historyBackupCommand, [], { out })).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringContaining(`cannot write the backup ${out}: ENOENT`) as string,
  });
});

test('rejects a time in the future with a hint to an option of this command', async () => {
  for (const option of ['since', 'until']) {
    const refused = run(historyShowCommand, [], { [option]: '2999-01-01T00:00:00Z' });
    await expect(refused).rejects.toMatchObject({
      exitCode: 2,
      hint: `without --${option}, the newest entries are listed`,
    });
  }
});

test('a damaged history is neither read nor overwritten, and the error names how to restore it', async () => {
  const damaged = Buffer.from('time,value\n'.repeat(500));
  writeFileSync(file, damaged);
  const refusal = { exitCode: 4, error: /^cannot open history file .*: file is not a database/ };
  const hint = 'nothing was overwritten: `plimsoll history restore BACKUP`';
  for (const attempt of [add, () => run(historyShowCommand), () => run(historyExportCommand)]) {
    await expectRefusal(attempt(), { ...refusal, hint });
  }
  expect(readFileSync(file).equals(damaged)).toBe(true);
});

test('a history of a newer version needs an upgrade', async () => {
  byHand(`PRAGMA user_version = ${migrations.length + 1}`);
  await expectRefusal(add(), {
    exitCode: 4,
    error: /^history file .* has schema \d+, and this version supports schemas up to \d+/,
    hint: 'upgrade Plimsoll',
  });
});
