// Runs rendered systemd units without systemd.

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RenderedFile } from '../../ops/render/host-files.ts';

/** Writes the files of each host to `folder/host`, at the paths of the site. */
export function installRendered(files: readonly RenderedFile[], folder: string): Map<string, string> {
  const units = new Map<string, string>();
  for (const { path, text } of files) {
    const [, host = '', name = ''] = path.split('/');
    const target = join(folder, host, name);
    mkdirSync(dirname(target), { recursive: true });
    mkdirSync(join(folder, host, 'data'), { recursive: true });
    mkdirSync(join(folder, host, 'logs'), { recursive: true });
    writeFileSync(target, text);
    if (name.endsWith('.service')) units.set(host, target);
  }
  return units;
}

export interface StartedUnit extends AsyncDisposable {
  readonly log: string;
  /** @throws if the program ended, or did not print it within three minutes */
  ready(line: RegExp): Promise<void>;
}

export async function startUnit(unit: string): Promise<StartedUnit> {
  const text = readFileSync(unit, 'utf8');
  const line = (key: string) =>
    text
      .split('\n')
      .find((each) => each.startsWith(`${key}=`))
      ?.slice(key.length + 1);
  const environment = readFileSync(line('EnvironmentFile') ?? '', 'utf8');
  const flags = /JAVA_OPTIONS="(.*)"/.exec(environment)?.[1] ?? '';
  const wordsOf = (command: string) => command.replace('$JAVA_OPTIONS', flags).split(' ').filter(Boolean);
  const log = join(dirname(unit), 'logs', 'console.log');
  const output = openSync(log, 'w');
  try {
    const before = line('ExecStartPre');
    if (before !== undefined) {
      const code = await new Promise<number | null>((resolve) => {
        const [program = '', ...words] = wordsOf(before);
        spawn(program, words, { stdio: ['ignore', output, output], cwd: dirname(unit) }).on('close', resolve);
      });
      if (code !== 0) throw new Error(`${before} ended with ${code}: ${readFileSync(log, 'utf8')}`);
    }
    const [program = '', ...words] = wordsOf(line('ExecStart') ?? '');
    const child = spawn(program, words, { stdio: ['ignore', output, output], cwd: dirname(unit) });
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    return {
      log,
      async ready(pattern) {
        for (let glance = 0; glance < 1800; glance += 1) {
          const said = readFileSync(log, 'utf8');
          if (pattern.test(said)) return;
          if (child.exitCode !== null) throw new Error(`${unit} ended with ${child.exitCode}: ${said.slice(-2000)}`);
          await sleep(100);
        }
        throw new Error(`${unit} was not ready: ${readFileSync(log, 'utf8').slice(-2000)}`);
      },
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  } finally {
    closeSync(output);
  }
}
