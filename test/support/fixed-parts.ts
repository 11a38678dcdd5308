// Removes the live parts of a page, which a refresh replaces, and returns the rest.

export function fixedParts(page: string): string {
  let depth = 0;
  let fixed = '';
  for (const part of page.split(/(<div\b[^>]*>|<\/div>)/)) {
    if (part.startsWith('<div') && (depth > 0 || part.includes(' data-live="'))) depth += 1;
    if (depth === 0) fixed += part;
    else if (part === '</div>') depth -= 1;
  }
  return fixed;
}
