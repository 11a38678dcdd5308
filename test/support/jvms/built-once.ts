// Builds a cache folder atomically: builds it in a sibling folder, marks it and renames it.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runTool } from '../../../lab/run-tool.ts';

/** @returns `home`. @throws errors of `build`, after which nothing remains */
export async function builtOnce(home: string, build: (folder: string) => Promise<void>): Promise<string> {
  const mark = join(home, 'complete');
  if (existsSync(mark)) return home;
  await mkdir(dirname(home), { recursive: true });
  const building = await mkdtemp(`${home}.building-`);
  try {
    await build(building);
    await writeFile(join(building, 'complete'), '');
    await rename(building, home);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(mark)) throw error;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return home;
}

/** @returns its standard output. @throws Error with the last line of its output */
export async function run(program: string, words: readonly string[]): Promise<string> {
  const answer = await runTool(program, words, { signal: AbortSignal.timeout(240_000) });
  if (answer?.exitCode === 0) return answer.stdout;
  if (answer === undefined) throw new Error(`there is no ${program} on this machine`);
  const said = `${answer.stdout}\n${answer.stderr}`.trim().split('\n').at(-1);
  throw new Error(`${program} ${words.slice(0, 3).join(' ')}: ${said || `exit code ${answer.exitCode}`}`);
}
