// Renders the page of help, and links to it from headings and from the head of every page.

import { html, type Html } from '../../../core/text/html.ts';
import { prose, renderPage } from '../layout.ts';
import type { View } from '../view.ts';
import { helpedPages, helpLanguages } from './help-texts.ts';
import { termAnchor, terms, type TermGroup } from './terms.ts';

export function renderHelpPage(view: View): string {
  const { language } = view;
  const texts = helpLanguages[language];
  const groups = [...new Set(terms.map(({ group }) => group))];
  return renderPage(
    view,
    texts.title,
    html`<h1>${texts.title}</h1>
      <h2>${texts.pages}</h2>
      <dl class="terms">
        ${helpedPages.map((page) => renderTerm(`page-${page}`, page === 'clusters' ? '/' : `/${page}`, texts.of[page]))}
      </dl>
      <h2 id="terms">${texts.terms}</h2>
      ${groups.map((group) => renderGroup(group, view))}
      <p class="quiet">${prose(texts.more)}</p>`,
  );
}

function renderGroup(group: TermGroup, { language }: View): Html {
  return html`<h3>${helpLanguages[language].groups[group]}</h3>
    <dl class="terms">
      ${terms.filter((term) => term.group === group).map(({ name, texts }) => renderTerm(termAnchor(name), texts[language].name, texts[language].text))}
    </dl>`;
}

const renderTerm = (id: string, term: string, text: string) =>
  html`<div>
    <dt id="${id}">${term}</dt>
    <dd>${prose(text)}</dd>
  </div>`;
