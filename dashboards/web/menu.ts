// Renders the menu of a page: user, login or logout, theme and time zone.

import { html, type Content, type Html } from '../../core/text/html.ts';
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

/** Common time zones; the address accepts any other. */
const offeredZones = [
  'UTC',
  'Asia/Shanghai',
  'Asia/Singapore',
  'Asia/Tokyo',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
];

function renderPreferences({ strings, query, theme, timeZone, prefix, path }: View): Content {
  const texts = strings.pages.preferences;
  const zones = offeredZones.includes(timeZone) ? offeredZones : [...offeredZones, timeZone];
  const others = [...query].filter(([name]) => name !== 'theme' && name !== 'tz');
  const option = (value: string, text: string, isChosen: boolean) =>
    html`<option value="${value}" ${isChosen && html`selected`}>${text}</option>`;
  return html`<form class="preferences" method="get" action="${prefix}${path}">
    ${others.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <label
      >${texts.theme}
      <select name="theme">
        ${option('', texts.themes.system, theme === undefined)}
        ${option('light', texts.themes.light, theme === 'light')} ${option('dark', texts.themes.dark, theme === 'dark')}
      </select></label
    >
    <label
      >${texts.timeZone}
      <select name="tz" data-local-zone="${texts.localZone}">
        ${zones.map((zone) => option(zone, zone, zone === timeZone))}
      </select></label
    >
    <button>${texts.apply}</button>
  </form>`;
}
