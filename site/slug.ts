// Computes heading anchors like GitHub, so that links work there and on the site.

/** @param heading without the Markdown prefix of its level */
export function slugOf(heading: string): string {
  return heading
    .replaceAll(/`|\*\*|\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}
