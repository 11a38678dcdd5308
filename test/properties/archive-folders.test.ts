// Checks that GNU tar unpacks every accepted archive inside its folder, for any names and links.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, realpathSync, writeFileSync, type Dirent } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { checkTarball } from '../../ops/instances/install/check-archive.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import { rawTar, type RawEntry } from '../support/tar-archive.ts';

const archives = fullMatrix ? 20_000 : 200;
const io = { signal: new AbortController().signal };

const name = fc.constantFrom('d', 'e', 'l');
const inside = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => ['top', ...parts].join('/'));
const hostileName = fc.constantFrom('..', '.', '', 'a\nb', 'a\\b');
const path = fc.oneof(
  { weight: 30, arbitrary: inside },
  { weight: 1, arbitrary: fc.tuple(inside, hostileName, name).map((parts) => parts.join('/')) },
  { weight: 1, arbitrary: fc.constantFrom('/etc/x', '../x', 'top/../../x', 'x', '') },
);
const step = fc.oneof({ weight: 3, arbitrary: name }, { weight: 2, arbitrary: fc.constantFrom('..', 'top') });
const target = fc.array(step, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const typed = <Type extends RawEntry['type']>(...types: Type[]) => fc.record({ path, type: fc.constantFrom(...types) });
const entry: fc.Arbitrary<RawEntry> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ path, type: fc.constant('2' as const), target }) },
  { weight: 5, arbitrary: fc.record({ path, type: fc.constant('1' as const), target: inside }) },
  { weight: 5, arbitrary: typed('0', '5') },
  { weight: 1, arbitrary: typed('3', '6') },
  { weight: 1, arbitrary: fc.record({ path, type: fc.constant('0' as const), size: fc.nat({ max: 0o77777777777 }) }) },
);
const folders: RawEntry[] = ['top/d', 'top/d/e', 'top/e'].map((each) => ({ path: each, type: '5' }));

test('an accepted archive with hostile names, links, devices and sizes stays in its folder', async () => {
  await using room = await mkdtempDisposable(join(tmpdir(), 'plimsoll-hostile-'));
  let [accepted, refused] = [0, 0];
  const judged = async (entries: readonly RawEntry[], number: number) => {
    const place = join(room.path, String(number));
    const release = join(place, 'release');
    mkdirSync(release, { recursive: true });
    // Target of a link that leaves the folder.
    mkdirSync(join(place, 'top/d/e'), { recursive: true });
    mkdirSync(join(place, 'top/e'));
    const archive = join(place, 'archive.tar.gz');
    writeFileSync(archive, gzipSync(rawTar([...folders, ...entries])));
    try {
      await checkTarball(archive, io);
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      refused += 1;
      return;
    }
    accepted += 1;
    if (entries.every(({ type }) => type === '0' || type === '5')) return;
    // As in hosts/instances/host-installer.ts; a name conflict makes tar fail, which is not an escape.
    const how = ['--strip-components=1', '--no-same-owner', '--same-permissions'];
    spawnSync('tar', ['-xzf', archive, '-C', release, ...how]);
    expect(readdirSync(place).toSorted()).toEqual(['archive.tar.gz', 'release', 'top']);
    expect([readdirSync(join(place, 'top')), readdirSync(join(place, 'top/d'))]).toEqual([['d', 'e'], ['e']]);
    for (const each of entriesOf(release)) {
      expect(each.isFile() || each.isDirectory() || each.isSymbolicLink(), each.name).toBe(true);
      if (each.isSymbolicLink()) expect(`${ledTo(join(each.parentPath, each.name))}/`).toContain(`${release}/`);
    }
  };
  let number = 0;
  const property = fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 3 }), (entries) =>
    judged(entries, (number += 1)),
  );
  await fc.assert(property, { numRuns: archives, endOnFailure: true });
  expect(accepted).toBeGreaterThan(archives / 20);
  expect(refused).toBeGreaterThan(archives / 20);
});

/** Returns entries of all folders below; `recursive` of readdirSync would follow links, in cycles. */
function entriesOf(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() ? [each, ...entriesOf(join(each.parentPath, each.name))] : [each],
  );
}

/** @returns the target; the path itself if the target is missing or the links form a cycle */
function ledTo(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
