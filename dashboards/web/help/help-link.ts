// Links to the help page: from the tabs to the section on a page, and from headings to a term.

import { html, type Html } from '../../../core/text/html.ts';
import type { View } from '../view.ts';
import { helpedPages, helpLanguages } from './help-texts.ts';
import { termAnchor, terms } from './terms.ts';

export const helpPath = '/help';

/** @returns the path of the help page, with the anchor of the section on the current page */
export function helpOf({ path }: Pick<View, 'path'>): string {
  const [, first = ''] = path.split('/');
  const page = first === '' ? 'clusters' : helpedPages.find((each) => each === first);
  return page === undefined ? helpPath : `${helpPath}#page-${page}`;
}

/** @param name of a term in the glossary */
export function termHelp(name: string, { link, language }: View): Html {
  const term = terms.find((each) => each.name === name)?.texts[language].name ?? name;
  const title = helpLanguages[language].about(term);
  return html`<a class="help" href="${link(`${helpPath}#${termAnchor(name)}`)}" aria-label="${title}" title="${title}"
    >?</a
  >`;
}
