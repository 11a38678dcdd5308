// Runs `plimsoll serve` in its own process with a filled history.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '../../core/clock.ts';
import { openHistory, type SqliteHistory } from '../../service/history/sqlite-history.ts';
import { operatorHeaders } from './operator-login.ts';
import { spawnPlimsoll } from './plimsoll.ts';

export interface RunningService extends AsyncDisposable {
  /** URL with a trailing slash. */
  url: string;
  pid: number;
  /** Its standard error so far. */
  said(): string;
  /** Headers of an operator. */
  operator(): Promise<{ Authorization: string }>;
}

/** @param config plimsoll.yaml as a value */
export async function startService(
  config: object,
  fill: (history: SqliteHistory) => void = () => {},
): Promise<RunningService> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-service-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const [configFile, historyFile] = [join(folder, 'plimsoll.yaml'), join(folder, 'ledger.sqlite')];
  await writeFile(configFile, stringify(config));
  {
    using history = openHistory(historyFile, { clock: systemClock });
    fill(history);
  }
  const words = ['--config', configFile, '--history-db', historyFile, '--state-dir', join(folder, 'state')];
  const { child, written, finished } = spawnPlimsoll(['serve', '--listen', '127.0.0.1:0', ...words]);
  opened.defer(async () => {
    child.kill('SIGTERM');
    await finished;
  });
  while (!/listening on \S+/.test(written.stdout)) {
    const ended = finished.then(() => 'ended' as const);
    if ((await Promise.race([once(child.stdout, 'data'), ended])) === 'ended') {
      throw new Error(`plimsoll serve ended: ${written.stderr}`);
    }
  }
  const [, url = ''] = /listening on (\S+)/.exec(written.stdout) ?? [];
  const resources = opened.move();
  return {
    url,
    pid: child.pid ?? 0,
    said: () => written.stderr,
    operator: () => operatorHeaders(written.stdout),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
