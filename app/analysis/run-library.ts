// Lists the runs for the page: named bundles and those of a folder, each analyzed once until it changes.

import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { Logger } from '../../core/log.ts';
import { ignoreFault } from '../../core/errors.ts';

interface LibraryOptions {
  /** Bundles that are always listed. */
  bundles: readonly string[];
  /** A folder whose current bundles are listed. */
  folder: string;
  policy: Policy;
  log: Logger;
}

export function createRunLibrary({ bundles, folder, policy, log }: LibraryOptions) {
  const known = new Map<string, { changedMs: number; analysis: Analysis | undefined }>();

  async function read(directory: string, changedMs: number): Promise<Analysis | undefined> {
    const before = known.get(directory);
    if (before?.changedMs === changedMs) return before.analysis;
    // An unreadable bundle must not hide the others; `plimsoll analyze` states the reason.
    const analysis = await analyzeBundle(directory, policy).catch((err: unknown) => {
      log.warn({ directory, err }, 'cannot show this run');
      return undefined;
    });
    known.set(directory, { changedMs, analysis });
    return analysis;
  }

  return {
    /** Runs are identified by folder name, because a copied bundle keeps its id. */
    async listRuns(): Promise<{ id: string; analysis: Analysis }[]> {
      const names = (await readdir(folder).catch(ignoreFault('without the folder there are no runs'))) ?? [];
      const runs: { id: string; analysis: Analysis }[] = [];
      for (const directory of [...bundles, ...names.map((name) => join(folder, name))]) {
        const changedMs = await lastChange(directory);
        const analysis = changedMs === undefined ? undefined : await read(directory, changedMs);
        if (analysis !== undefined) runs.push({ id: basename(directory), analysis });
      }
      return runs;
    },
  };
}

/** @returns undefined if the folder is not a bundle */
async function lastChange(directory: string): Promise<number | undefined> {
  const files = await Promise.all(
    ['run.json', 'journal.ndjson', 'result.json'].map((name) =>
      stat(join(directory, name)).catch(ignoreFault('a bundle may lack this file')),
    ),
  );
  return files[0] === undefined ? undefined : Math.max(...files.map((file) => file?.mtimeMs ?? 0));
}
