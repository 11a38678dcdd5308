// Lists the result importers, in the order they are tried.

import { readdir } from 'node:fs/promises';
import { AppError } from '../../../core/errors.ts';
import { bundle } from './bundle.ts';
import type { ImportedRun, ImportOptions, ResultImporter } from './importer.ts';

const importers = { bundle } satisfies Record<string, ResultImporter>;

/** @throws AppError run-missing when there is no such folder or nothing in it is known */
export async function importRun(directory: string, options: ImportOptions): Promise<ImportedRun> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'no such folder' : cause.code === 'ENOTDIR' ? 'it is a file' : cause.message;
    throw new AppError('run-missing', `cannot read the run ${directory}: ${why}`, { cause });
  });
  const importer = Object.values(importers).find((candidate) => candidate.detect(names));
  if (importer === undefined)
    throw new AppError('run-missing', `cannot read the run ${directory}: it holds no run.json`);
  return importer.import(directory, options);
}
