// Renders who has access, unused config entries, and how to end access.

import type { AccessReview, ListedPerson, UnusedEntry } from '../../core/documents/access-review.ts';
import { html, type Content } from '../../core/text/html.ts';
import { ifKnown } from '../../core/text/quantity-text.ts';
import { emptyState, named, prose, renderPage } from './layout.ts';
import { peopleLanguages } from './people-texts.ts';
import { type Column, renderTable, renderTableAlone, textColumn } from './tables.ts';
import { peoplePath, type View } from './view.ts';

interface PeopleContent extends AccessReview {
  /** Clusters that the reader sees. */
  clusters: readonly string[];
  /** Whether the reader is admin of all clusters. */
  endsSessions: boolean;
}

export function renderPeoplePage(content: PeopleContent, view: View): string {
  const texts = peopleLanguages[view.language];
  const { people, unused, endsSessions } = content;
  return renderPage(
    view,
    view.strings.pages.login.people,
    html`<h1>${view.strings.pages.login.people}</h1>
      <p class="quiet">${texts.explained} ${!endsSessions && texts.limited}</p>
      ${people.length === 0 ? emptyState(texts.none) : renderPeople(content, view)}
      ${
        unused.length > 0 &&
        html`<section>
          <h2 id="unused">${texts.unused}</h2>
          <p class="quiet">${prose(texts.unusedExplained)}</p>
          ${renderTableAlone(texts.unused, unused, unusedColumns(view))}
        </section>`
      }
      ${
        endsSessions &&
        html`<section>
          <h2 id="end">${texts.endTitle}</h2>
          <ul>
            ${texts.endExplained.map((text) => html`<li>${prose(text)}</li>`)}
          </ul>
        </section>`
      }`,
  );
}

function renderPeople({ people, clusters, endsSessions }: PeopleContent, view: View): Content {
  const { language, numbers, link, strings } = view;
  const texts = peopleLanguages[language];
  const columns: (Column<ListedPerson> | false)[] = [
    textColumn(texts.name, ({ name }) => named(name)),
    textColumn(texts.way, ({ way }) => texts.ways[way]),
    textColumn(texts.groups, ({ groups }) => listOf(groups, strings)),
    textColumn(texts.lastLogin, ({ lastLoginAt }) => ifKnown(lastLoginAt, numbers.moment)),
    textColumn(texts.openSessions, ({ openSessions }) =>
      openSessions.length === 0 ? '–' : openSessions.map(({ endsAt }) => html`<div>${numbers.moment(endsAt)}</div>`),
    ),
    textColumn(texts.roles, (person) => rolesText(person, endsSessions ? clusters.length : undefined, view)),
    endsSessions &&
      textColumn(texts.endSessions, ({ name, way, openSessions }) =>
        openSessions.length > 0
          ? html`<form method="post" action="${link(peoplePath)}">
              <input type="hidden" name="name" value="${name}" />
              <button>${texts.endSessions}</button>
            </form>`
          : way === 'identity-provider' || way === 'operator-token'
            ? '–'
            : html`<a href="#end">${texts.elsewhere}</a>`,
      ),
  ];
  return renderTable('people', texts.people, people, columns);
}

/** Lists the highest role first, each with its clusters. @param ofAll number of all clusters, for a reader who sees all */
function rolesText({ roles }: ListedPerson, ofAll: number | undefined, { strings, language }: View): Content {
  const texts = peopleLanguages[language];
  if (roles.length === 0) return texts.noRole;
  const { roles: names } = strings.pages.login;
  return (['admin', 'operator', 'viewer', 'notifier'] as const).map((role) => {
    const on = roles.filter((each) => each.role === role).map(({ cluster }) => cluster);
    if (on.length === 0) return undefined;
    return html`<div>
      ${names[role]}${strings.colon}${on.length === ofAll ? texts.allClusters : listOf(on, strings)}
    </div>`;
  });
}

const unusedColumns = ({ language, strings }: View): Column<UnusedEntry>[] => {
  const texts = peopleLanguages[language];
  return [
    textColumn(texts.groups, ({ groups, users }) =>
      groups === undefined && users === undefined ? texts.everybody : listOf(groups, strings),
    ),
    textColumn(texts.users, ({ users }) => listOf(users, strings)),
    textColumn(texts.role, ({ role }) => strings.pages.login.roles[role]),
    textColumn(texts.clusters, ({ clusters, domains }) =>
      clusters === undefined && domains === undefined
        ? texts.allClusters
        : listOf([...(clusters ?? []), ...(domains ?? [])], strings),
    ),
  ];
};

const listOf = (names: readonly string[] | undefined, { list }: View['strings']): Content =>
  names?.length ? names.map((name, index) => html`${index > 0 && list}${named(name)}`) : '–';
