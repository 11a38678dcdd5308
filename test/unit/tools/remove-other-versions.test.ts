import { mkdtempDisposableSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeOtherVersions } from '../../../tools/packaging/remove-other-versions.ts';

test('removes only bundles of other versions', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-bundles-'));
  const archives = (version: string) =>
    ['x64', 'arm64'].flatMap((architecture) =>
      ['', '.sha256'].map((end) => `plimsoll-${version}-linux-${architecture}.tar.gz${end}`),
    );
  const kept = [...archives('0.2.0'), 'notes.txt', 'plimsoll-0.1.0.tgz'];
  for (const name of [...kept, ...archives('0.1.0'), ...archives('0.2.0-rc.1')]) {
    writeFileSync(join(folder.path, name), '');
  }
  await removeOtherVersions(folder.path, '0.2.0');
  expect(readdirSync(folder.path).toSorted()).toEqual(kept.toSorted());
});
