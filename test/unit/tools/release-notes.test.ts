import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderReleaseNotes } from '../../../tools/packaging/release-notes.ts';

const changelog = `# Changelog

## Unreleased

- [BUGFIX] kafka: a malformed answer no longer fills the memory.
- [FEATURE] lab: brokers in nine modes.
- [FEATURE] analyzer: a verdict: with an interval.
- [FEATURE] lab: a seed.

## 0.1.0 (2026-11-21)

- [CHANGE] exporter: a metric has another name.
`;

test('groups entries by tag, breaking changes first, and by area within a tag', () => {
  expect(renderReleaseNotes(changelog, 'Unreleased')).toBe(`# Plimsoll Unreleased

## New

- **lab**: brokers in nine modes.
- **lab**: a seed.
- **analyzer**: a verdict: with an interval.

## Repaired

- **kafka**: a malformed answer no longer fills the memory.
`);
});

test('finds a version with a date in its heading', () => {
  expect(renderReleaseNotes(changelog, '0.1.0')).toContain('## What changes for you\n\n- **exporter**: a metric');
});

test('names a line with an unknown tag', () => {
  const odd = changelog.replace('[CHANGE]', '[CHANGED]');
  expect(() => renderReleaseNotes(odd, '0.1.0')).toThrow(/- \[CHANGED\] exporter/);
});

test('names a missing section', () => {
  expect(() => renderReleaseNotes(changelog, '9.9.9')).toThrow('no section 9.9.9');
});

test('every line of CHANGELOG.md has a tag', () => {
  const own = readFileSync(new URL('../../../CHANGELOG.md', import.meta.url), 'utf8');
  expect(renderReleaseNotes(own, 'Unreleased')).toContain('## New');
});
