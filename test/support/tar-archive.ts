// Packs archives as GNU tar makes them, with the paths and links that a test names.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Packed {
  /** Contents by path; a link is `{ link: target }`. */
  files: Readonly<Record<string, string | { link: string }>>;
  /** Further options of tar, such as --transform, which names what no folder could hold. */
  options?: readonly string[];
  format?: 'gnu' | 'posix' | 'ustar';
}

/** @returns the plain archive */
export function tarOf({ files, options = [], format = 'gnu' }: Packed): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-tar-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      if (typeof content === 'string') writeFileSync(join(folder, path), content);
      else symlinkSync(content.link, join(folder, path));
    }
    const tops = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? path))];
    const words = ['-P', `--format=${format}`, ...options, '-cf', '-', '-C', folder, ...tops];
    const { stdout, status, stderr } = spawnSync('tar', words, { maxBuffer: 2 ** 26 });
    if (status !== 0) throw new Error(stderr.toString());
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
