// Renders the search and sort form of a list, and one page of its rows.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import { choiceField, emptyState, keptFields } from '../layout.ts';
import { renderPager } from '../pager.ts';
import type { View } from '../view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import type { ListPage, ListQuery } from './list-query.ts';

/** @param sorts labels by sort key; a single one is not offered as a choice */
export function renderListFilter<Sort extends string>(
  { q, sort }: ListQuery<Sort>,
  sorts: Readonly<Record<Sort, string>>,
  { strings, path, prefix, query }: View,
): Html {
  const offered = Object.entries<string>(sorts);
  return html`<form
    class="filter"
    method="get"
    action="${prefix}${path}"
    role="search"
    aria-label="${strings.pages.apply}"
  >
    ${keptFields(query, ['q', 'sort', 'page'])}
    <label>${strings.pages.search} <input type="search" name="q" value="${q}" maxlength="249" dir="auto" /></label>
    ${offered.length > 1 && choiceField(strings.pages.fleet.sort, 'sort', offered, sort)}
    <button>${strings.pages.apply}</button>
  </form>`;
}

/** @param none text for an empty list */
export function renderListPage<Row>(page: ListPage<Row>, none: string, table: Html, view: View): Content {
  const texts = clusterLanguages[view.language];
  const { found, all } = page;
  const { numbers } = view;
  return html`${
    all > 0 && html`<p class="quiet">${texts.shown(numbers.plain(found), numbers.plain(all))}</p>`
  }${found === 0 ? emptyState(all === 0 ? none : texts.noneMatch) : table}${renderPager(page, view)}`;
}
