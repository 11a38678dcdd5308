// Packs archives like GNU tar, with the paths and links that a test chooses.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Packed {
  /** Contents by path; a link is `{ link: target }`. */
  files: Readonly<Record<string, string | { link: string }>>;
  /** Additional options of tar, such as --transform, to create paths that no folder can contain. */
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

export interface RawEntry {
  path: string;
  /** Type as in the header: 0 file, 1 hard link, 2 symbolic link, 3 device, 5 folder, 6 pipe; g and x pax header. */
  type: '0' | '1' | '2' | '3' | '5' | '6' | 'g' | 'x';
  target?: string;
  content?: string;
  /** Size in the header, which may differ from the content. */
  size?: number;
  mode?: number;
}

/** Writes headers that GNU tar does not write: any path, link and size. @returns the plain archive */
export function rawTar(entries: readonly RawEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, type, target = '', content = '', size = content.length, mode }) => {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write(`${(mode ?? (type === '5' ? 0o755 : 0o644)).toString(8).padStart(7, '0')}\0`, 100);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.fill(' ', 148, 156);
    header.write(type, 156);
    header.write(target, 157, 100);
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    const padded = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    padded.write(content);
    return [header, padded];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
