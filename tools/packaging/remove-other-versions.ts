// Deletes archives of other versions, because an image is built from all archives in the folder.

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export async function removeOtherVersions(folder: string, version: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, other = version] = /^plimsoll-(.+)-linux-(?:x64|arm64)\.tar\.gz(?:\.sha256)?$/.exec(name) ?? [];
    if (other !== version) await rm(join(folder, name));
  }
}
