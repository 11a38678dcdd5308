// Renders the help page.

import { clusterStates } from '../../../core/documents/cluster-status.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { gcLanguages } from '../gc/gc-texts.ts';
import { prose, renderPage } from '../layout.ts';
import { stateBadge } from '../status-text.ts';
import type { View } from '../view.ts';
import { whatIfLanguages } from '../what-if/what-if-texts.ts';
import { helpedPages, helpLanguages, type HelpedPage } from './help-texts.ts';
import { termAnchor, terms, type TermGroup } from './terms.ts';

export function renderHelpPage(view: View): string {
  const { language, link, strings } = view;
  const texts = helpLanguages[language];
  const groups = [...new Set(terms.map(({ group }) => group))];
  return renderPage(
    view,
    strings.pages.sections.help,
    html`<h1>${strings.pages.sections.help}</h1>
      <h2>${strings.pages.sectionsLabel}</h2>
      <dl class="terms">
        ${helpedPages.map((page) => renderTerm(`page-${page}`, html`<a href="${link(page === 'clusters' ? '/' : `/${page}`)}">${titleOf(page, view)}</a>`, texts.of[page]))}
      </dl>
      <h2 id="states">${texts.statesTitle}</h2>
      <p>${texts.statesOrder}</p>
      <dl class="terms">
        ${clusterStates.map((state) => renderTerm(`state-${state}`, stateBadge(state, view), texts.states[state]))}
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

/** Returns the title of a page as in the tabs. */
function titleOf(page: HelpedPage, { strings, language }: View): string {
  if (page === 'gc') return gcLanguages[language].title;
  if (page === 'what-if') return whatIfLanguages[language].title;
  return strings.pages.sections[page === 'clusters' ? 'fleet' : page];
}

const renderTerm = (id: string, term: Content, text: string) =>
  html`<div>
    <dt id="${id}">${term}</dt>
    <dd>${prose(text)}</dd>
  </div>`;
