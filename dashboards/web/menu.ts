// Renders the menu of a page: who reads it, log-in or log-out, theme and time zone.

import { html, type Content, type Html } from '../../core/text/html.ts';
import { renderPreferences } from './preferences.ts';
import type { View } from './view.ts';
import { loginPath, logoutPath, peoplePath } from './visitor.ts';

export function renderMenu(view: View): Html {
  const { visitor, strings } = view;
  const { login, preferences } = strings.pages;
  const title =
    visitor === undefined
      ? preferences.title
      : visitor.via === 'nothing'
        ? login.readOnly
        : html`<bdi>${visitor.name}</bdi>`;
  return html`<details class="menu">
    <summary>${title}</summary>
    <div>${renderVisitor(view)} ${renderPreferences(view)}</div>
  </details>`;
}

function renderVisitor({ visitor, strings, link }: View): Content {
  if (visitor === undefined) return undefined;
  const texts = strings.pages.login;
  if (visitor.via === 'nothing') {
    return html`<p class="visitor">${texts.readOnly} <a href="${link(loginPath)}">${texts.logIn}</a></p>`;
  }
  return html`<form class="visitor" method="post" action="${link(logoutPath)}">
    <span><bdi>${visitor.name}</bdi> (${texts.roles[visitor.role]})</span>
    ${visitor.via === 'session' && html`<button>${texts.logOut}</button>`}
    ${visitor.isAdmin === true && html`<a href="${link(peoplePath)}">${texts.people}</a>`}
  </form>`;
}
