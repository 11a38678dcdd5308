// Renders the release notes of a version from CHANGELOG.md, breaking changes first.

/** In order of importance for a reader. */
const headings = {
  CHANGE: 'What changes for you',
  FEATURE: 'New',
  ENHANCEMENT: 'Better',
  BUGFIX: 'Repaired',
} as const;
type Tag = keyof typeof headings;

interface Line {
  tag: Tag;
  area: string;
  text: string;
}

/**
 * @param changelog with sections `## VERSION` of lines `- [TAG] area: text`
 * @param section a version, or Unreleased
 * @throws Error that names a line with another tag
 */
export function renderReleaseNotes(changelog: string, section: string): string {
  const lines = linesOf(changelog, section);
  const parts = Object.entries(headings).flatMap(([tag, heading]) => {
    const tagged = lines.filter((line) => line.tag === tag);
    if (tagged.length === 0) return [];
    const areas = [...new Set(tagged.map(({ area }) => area))];
    const sections = areas.flatMap((area) =>
      tagged.filter((line) => line.area === area).map(({ text }) => `- **${area}**: ${text}`),
    );
    return [`## ${heading}`, '', ...sections, ''];
  });
  return [`# Plimsoll ${section}`, '', ...parts].join('\n');
}

function linesOf(changelog: string, section: string): Line[] {
  const found = changelog.split(/^## /m).find((part) => part.split(/[\s:(]/, 1)[0] === section);
  if (found === undefined) throw new Error(`CHANGELOG.md has no section ${section}`);
  const written = found.split('\n').filter((line) => line.startsWith('- '));
  return written.map((line) => {
    const [, tag = '', area = '', text = ''] = /^- \[([A-Z]+)\] ([^:]+): (.+)$/.exec(line) ?? [];
    if (!Object.hasOwn(headings, tag)) throw new Error(`not tagged as the others of CHANGELOG.md: ${line}`);
    return { tag: tag as Tag, area, text };
  });
}
