// Defines the order of the pages of docs/ in the site: one section per folder.

import { globSync } from 'node:fs';

export interface Section {
  title: string;
  /** Paths below docs/ without `.md`. */
  pages: readonly string[];
}

/** Sections with their folder, and the pages that come before the others of the folder. */
const folders: readonly [title: string, folder: string, ...first: string[]][] = [
  ['Tutorials', 'tutorial', 'quick-start'],
  ['How-to guides', 'how-to', 'install'],
  ['Changes to a cluster', 'changes'],
  ['Runbooks', 'runbooks'],
  ['Reference', 'reference', 'glossary', 'cli', 'config'],
  ['Explanation', 'explanation', 'safe-maximum', 'verdict'],
  ['Evidence', 'evidence', 'truth', 'reliability'],
  ['Decisions', 'adr'],
];

/** @param docs the folder of the pages */
export function contentsOf(docs: string): Section[] {
  const sections = folders.map(([title, folder, ...first]) => {
    const names = globSync('*.md', { cwd: `${docs}/${folder}` })
      .map((file) => file.replace(/\.md$/, ''))
      .filter((name) => name !== '0000-template')
      .toSorted();
    return { title, pages: [...new Set([...first, ...names])].map((name) => `${folder}/${name}`) };
  });
  return [...sections, { title: 'Design', pages: ['architecture'] }];
}
