// Lists the source files of the repository, uncommitted ones included.

import { globSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** Folders with shipped files. */
export const productFolders = [
  'core',
  'brokers',
  'hosts',
  'gc',
  'exporter',
  'loadgen',
  'analyzer',
  'dashboards',
  'ops',
  'lab',
  'app',
  'service',
  'cli',
] as const;

export interface SourceFile {
  /** Path relative to the repository, with forward slashes. */
  path: string;
  url: URL;
}

export function productFiles(): SourceFile[] {
  return sourceFiles(productFolders);
}

/** @returns TypeScript files below the folders, except test fixtures */
export function sourceFiles(folders: readonly string[]): SourceFile[] {
  return globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: root },
  )
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('test/fixtures/'))
    .toSorted()
    .map((path) => ({ path, url: new URL(path, root) }));
}
