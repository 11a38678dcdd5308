// Prints the release notes of a version (npm run release-notes -- [VERSION]).

import { readFile } from 'node:fs/promises';
import { renderReleaseNotes } from './packaging/release-notes.ts';

const [section = 'Unreleased'] = process.argv.slice(2);
const changelog = await readFile(new URL('../CHANGELOG.md', import.meta.url), 'utf8');
try {
  process.stdout.write(renderReleaseNotes(changelog, section));
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message}\nhint: lines are written: - [FEATURE] area: what is new\n`);
  process.exitCode = 2;
}
